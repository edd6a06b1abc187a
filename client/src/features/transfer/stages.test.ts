import { describe, expect, test } from 'vitest';

import { ApiError } from '@/shared/api/errors';

import { type Stage, type StageEvent, canStop, isOver, nextStage } from './stages';

const report = {
  notes: { new: 3, updated: 0, unchanged: 0, conflicting: 0 },
  cards: 3,
  revlog: 0,
  media: 0,
  log: [],
};
const error = new ApiError(422, { error: 'unusable_file' });

const after = (...events: StageEvent[]): Stage =>
  events.reduce<Stage>(nextStage, { at: 'waiting' });

describe('nextStage', () => {
  test('a file is sent, worked on and done', () => {
    expect(after({ what: 'sending', done: 40, total: 100 })).toEqual({
      at: 'sending',
      done: 40,
      total: 100,
    });
    expect(
      after(
        { what: 'sending', done: 40, total: 100 },
        { what: 'working', phase: 'media', done: 2, total: 9 },
        { what: 'finished', report },
      ),
    ).toEqual({ at: 'done', report, undone: false });
  });

  test('when all is sent the service is at work, and cannot be stopped', () => {
    const stage = after({ what: 'sending', done: 100, total: 100 });
    expect(stage).toEqual({ at: 'working', phase: '', done: 0, total: 0 });
    expect(canStop(stage)).toBe(false);
    expect(nextStage(stage, { what: 'stopped' })).toBe(stage);
  });

  test('what is not sent yet can be stopped, and sent again', () => {
    const stopped = after({ what: 'sending', done: 1, total: 2 }, { what: 'stopped' });
    expect(stopped).toEqual({ at: 'stopped' });
    expect(nextStage(stopped, { what: 'again' })).toEqual({ at: 'waiting' });
  });

  test('news that come too late change nothing', () => {
    for (const stage of [
      after({ what: 'stopped' }),
      after({ what: 'failed', error }),
      after({ what: 'finished', report }),
    ]) {
      expect(isOver(stage)).toBe(true);
      expect(nextStage(stage, { what: 'sending', done: 1, total: 2 })).toBe(stage);
      expect(nextStage(stage, { what: 'working', phase: '', done: 0, total: 0 })).toBe(stage);
      expect(nextStage(stage, { what: 'failed', error })).toBe(stage);
    }
  });

  test('what is too large for a request is sent once more in another way', () => {
    const refused = after({ what: 'sending', done: 9, total: 9 });
    expect(nextStage(refused, { what: 'sending', done: 3, total: 9 })).toBe(refused);
    expect(nextStage(refused, { what: 'sending', done: 0, total: 9 })).toMatchObject({
      at: 'sending',
    });
  });

  test('only what is done can be undone, and only what failed is tried again', () => {
    const done = after({ what: 'finished', report });
    expect(nextStage(done, { what: 'undone' })).toEqual({ at: 'done', report, undone: true });
    expect(nextStage(done, { what: 'again' })).toBe(done);
    expect(after({ what: 'failed', error }, { what: 'again' })).toEqual({ at: 'waiting' });
    expect(after({ what: 'undone' })).toEqual({ at: 'waiting' });
  });
});
