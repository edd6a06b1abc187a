import { expect, test } from 'vitest';

import type { DeckOptions } from './api';
import { draftOf, readDraft } from './draft';

const OPTIONS: DeckOptions = {
  id: 1,
  name: 'Default',
  maxTaken: 60,
  timer: 0,
  autoplay: true,
  replayq: true,
  newMix: 0,
  interdayLearningMix: 0,
  reviewOrder: 0,
  newSortOrder: 0,
  newGatherPriority: 0,
  buryInterdayLearning: false,
  secondsToShowQuestion: 0,
  secondsToShowAnswer: 0,
  questionAction: 0,
  answerAction: 0,
  waitForAudio: true,
  // The file has a third interval that means nothing.
  new: {
    delays: [1, 10],
    ints: [1, 4, 0] as unknown as [number, number],
    initialFactor: 2500,
    order: 1,
    perDay: 20,
    bury: false,
  },
  rev: { perDay: 200, ease4: 1.3, hardFactor: 1.2, ivlFct: 1, maxIvl: 36500, bury: false },
  lapse: { delays: [10], mult: 0, minInt: 1, leechFails: 8, leechAction: 1 },
};

test('options are shown as Anki shows them', () => {
  const draft = draftOf(OPTIONS);
  expect(draft['new.delays']).toBe('1m 10m');
  expect(draft['new.initialFactor']).toBe('2.5');
  expect(draft['new.ints.1']).toBe('4');
  expect(draft['autoplay']).toBe(false);
  expect(draft['timer']).toBe(false);
});

test('what was not touched is not told', () => {
  expect(readDraft(draftOf(OPTIONS), OPTIONS)).toEqual({ changes: {}, problems: {} });
});

test('changes have the shape of the service', () => {
  const draft = {
    ...draftOf(OPTIONS),
    'new.delays': '5m 1h',
    'new.ints.1': '7',
    'new.initialFactor': '2,35',
    reviewOrder: '12',
    timer: true,
    autoplay: true,
    'rev.bury': true,
    secondsToShowAnswer: '2,5',
    answerAction: '2',
    waitForAudio: false,
  };
  expect(readDraft(draft, OPTIONS).changes).toEqual({
    new: { delays: [5, 60], ints: [1, 7, 0], initialFactor: 2350 },
    reviewOrder: 12,
    timer: 1,
    autoplay: false,
    secondsToShowAnswer: 2.5,
    answerAction: 2,
    waitForAudio: false,
    rev: { bury: true },
  });
  expect(OPTIONS.new.ints).toEqual([1, 4, 0]);
});

test('what cannot be is told by its field', () => {
  const draft = {
    ...draftOf(OPTIONS),
    'new.delays': 'soon',
    'new.perDay': '1.5',
    'rev.perDay': '',
    'rev.hardFactor': '9',
  };
  const { changes, problems } = readDraft(draft, OPTIONS);
  expect(changes).toEqual({});
  expect(problems).toEqual({
    'new.delays': { kind: 'steps' },
    'new.perDay': { kind: 'range', min: 0, max: 9999 },
    'rev.perDay': { kind: 'range', min: 0, max: 9999 },
    'rev.hardFactor': { kind: 'range', min: 0.5, max: 1.3 },
  });
});
