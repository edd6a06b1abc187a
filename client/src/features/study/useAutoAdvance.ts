import { useEffect, useRef } from 'react';

import type { Command } from './keys';
import type { SessionCard, Side } from './session';

type Advance = NonNullable<SessionCard['options']['auto_advance']>;

interface Advancing {
  isOn: boolean;
  card: SessionCard | undefined;
  side: Side;
  isPlaying: boolean;
  /** Something else has the person's attention. */
  isPaused: boolean;
  run: (command: Command) => void;
  onReminder: (side: Side) => void;
}

/** Goes on by itself after the time that the deck's options say, once somebody has asked for it. */
export function useAutoAdvance(advancing: Advancing): void {
  const { isOn, card, side, isPlaying, isPaused } = advancing;
  const advance = card?.options.auto_advance;
  const waitMs = side === 'question' ? advance?.question_ms : advance?.answer_ms;
  const isHeld = isPaused || (isPlaying && advance?.waits_for_audio === true);
  const latest = useRef(advancing);
  useEffect(() => {
    latest.current = advancing;
  });
  useEffect(() => {
    if (!isOn || !waitMs || isHeld) return;
    const timer = setTimeout(() => {
      const { run, onReminder } = latest.current;
      const command = advance && commandAfter(advance, side);
      if (command) run(command);
      else onReminder(side);
    }, waitMs);
    return () => clearTimeout(timer);
    // Once for each side that is shown.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isOn, waitMs, isHeld, side, card?.answer_token]);
}

const RATED = { again: 1, hard: 2, good: 3 } as const;

/** What is done when the time is over; null for a reminder only. */
export function commandAfter(advance: Advance, side: Side): Command | null {
  if (side === 'question')
    return advance.question_action === 'show_answer' ? { kind: 'show' } : null;
  const action = advance.answer_action;
  if (action === 'show_reminder') return null;
  return action === 'bury' ? { kind: 'bury' } : { kind: 'rate', rating: RATED[action] };
}
