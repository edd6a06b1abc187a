/** An answer of the API for tests. */
import type { Stats } from './api';

const NO_HOURS = Array.from({ length: 24 }, () => [0, 0]);
const NO_BUTTONS = { learning: [0, 0, 0, 0], young: [0, 0, 0, 0], mature: [0, 0, 0, 0] };
const NONE = { passed: 0, failed: 0 };
const NO_CARDS = { new: 0, learn: 0, relearn: 0, young: 0, mature: 0 };

/** Today is the 22nd of November 2026, by UTC. */
export function statsWith(changes: Partial<Stats> = {}): Stats {
  return {
    success: true,
    next_day_at: Date.UTC(2026, 10, 23, 4),
    rollover_hour: 4,
    today: {
      answer_count: 0,
      answer_ms: 0,
      again_count: 0,
      correct_count: 0,
      mature_count: 0,
      mature_correct: 0,
      learn_count: 0,
      review_count: 0,
      relearn_count: 0,
      filtered_count: 0,
    },
    streak: { current: 0, longest: 0 },
    reviews: { count: [], time_ms: [] },
    calendar: [],
    retention: { period: { young: NONE, mature: NONE, all: NONE } },
    hours: { period: NO_HOURS },
    buttons: { period: NO_BUTTONS, all_time: NO_BUTTONS },
    card_counts: {
      including_inactive: NO_CARDS,
      excluding_inactive: { ...NO_CARDS, suspended: 0, buried: 0 },
    },
    future_due: { due: [], have_backlog: false, backlog: 0, daily_load: 0 },
    intervals: [],
    eases: { average: 0, eases: [] },
    added: [],
    ...changes,
  };
}
