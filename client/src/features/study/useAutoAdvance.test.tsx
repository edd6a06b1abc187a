import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { SessionCard, Side } from './session';
import { cardOf } from './testCards';
import { useAutoAdvance } from './useAutoAdvance';

const ADVANCE = {
  question_ms: 2000,
  answer_ms: 3000,
  question_action: 'show_answer',
  answer_action: 'hard',
  waits_for_audio: true,
} as const;

const run = vi.fn();
const onReminder = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  run.mockClear();
  onReminder.mockClear();
});
afterEach(() => vi.useRealTimers());

function shown(advance: SessionCard['options']['auto_advance'] = ADVANCE) {
  const { options, ...rest } = cardOf(1);
  const card = { ...rest, options: { ...options, auto_advance: advance }, mediaUrl: '/' };
  const usual = { isOn: true, card, side: 'question' as Side, isPlaying: false, isPaused: false };
  const hook = renderHook(
    (now: Partial<typeof usual>) => useAutoAdvance({ ...usual, ...now, run, onReminder }),
    { initialProps: {} },
  );
  const pass = (ms: number): void => {
    act(() => {
      vi.advanceTimersByTime(ms);
    });
  };
  return { ...hook, pass };
}

test('shows the answer, then rates, each after its time', () => {
  const { rerender, pass } = shown();
  pass(1999);
  expect(run).not.toHaveBeenCalled();
  pass(1);
  expect(run).toHaveBeenLastCalledWith({ kind: 'show' });
  rerender({ side: 'answer' });
  pass(3000);
  expect(run).toHaveBeenLastCalledWith({ kind: 'rate', rating: 2 });
  expect(run).toHaveBeenCalledTimes(2);
});

test('waits until the sounds are over, and while a dialog is open', () => {
  const { rerender, pass } = shown();
  rerender({ isPlaying: true });
  pass(10_000);
  rerender({ isPaused: true });
  pass(10_000);
  expect(run).not.toHaveBeenCalled();
  rerender({});
  pass(2000);
  expect(run).toHaveBeenCalledTimes(1);
});

test('only reminds where the options say so, and does nothing unasked', () => {
  const quiet = shown({ ...ADVANCE, question_action: 'show_reminder' });
  quiet.pass(2000);
  expect(onReminder).toHaveBeenCalledWith('question');
  quiet.rerender({ isOn: false });
  quiet.pass(60_000);
  expect(onReminder).toHaveBeenCalledTimes(1);
  shown(null).pass(60_000);
  expect(run).not.toHaveBeenCalled();
});
