/** The kinds of answers and the states of cards, in the order of the API and of the bars. */

export const KINDS = [
  { name: 'learn', color: '--chart-learn' },
  { name: 'relearn', color: '--chart-relearn' },
  { name: 'young', color: '--chart-young' },
  { name: 'mature', color: '--chart-mature' },
  { name: 'filtered', color: '--chart-filtered' },
] as const;

export const STATES = [
  { name: 'new', color: '--chart-new' },
  { name: 'learn', color: '--chart-learn' },
  { name: 'relearn', color: '--chart-relearn' },
  { name: 'young', color: '--chart-young' },
  { name: 'mature', color: '--chart-mature' },
] as const;

export const INACTIVE = [
  { name: 'suspended', color: '--chart-suspended' },
  { name: 'buried', color: '--chart-buried' },
] as const;

export const BUTTONS = [
  { name: 'again', color: '--again' },
  { name: 'hard', color: '--hard' },
  { name: 'good', color: '--good' },
  { name: 'easy', color: '--easy' },
] as const;
