/** Anki's deck options as the page groups them; the names are those of the service. */

export type OptionField =
  | { kind: 'whole'; path: string; min: number; max: number }
  /** `scale`: the service's number is this many times what is shown. */
  | { kind: 'number'; path: string; min: number; max: number; scale?: number; step: number }
  | { kind: 'steps'; path: string }
  /** `choices` in Anki's order of showing them. */
  | { kind: 'choice'; path: string; choices: readonly number[] }
  /** `isInverse`: the page asks the opposite of what is stored. */
  | { kind: 'flag'; path: string; isInverse?: boolean; isNumber?: boolean };

export interface OptionGroup {
  name: string;
  fields: readonly OptionField[];
}

const MAX_DAYS = 36_500;
const MAX_COUNT = 9999;
const MAX_SECONDS = 86_400;

export const GROUPS: readonly OptionGroup[] = [
  {
    name: 'daily',
    fields: [
      { kind: 'whole', path: 'new.perDay', min: 0, max: MAX_COUNT },
      { kind: 'whole', path: 'rev.perDay', min: 0, max: MAX_COUNT },
    ],
  },
  {
    name: 'new',
    fields: [
      { kind: 'steps', path: 'new.delays' },
      { kind: 'whole', path: 'new.ints.0', min: 1, max: MAX_DAYS },
      { kind: 'whole', path: 'new.ints.1', min: 1, max: MAX_DAYS },
      { kind: 'choice', path: 'new.order', choices: [1, 0] },
    ],
  },
  {
    name: 'lapse',
    fields: [
      { kind: 'steps', path: 'lapse.delays' },
      { kind: 'whole', path: 'lapse.minInt', min: 1, max: MAX_DAYS },
      { kind: 'whole', path: 'lapse.leechFails', min: 1, max: MAX_COUNT },
      { kind: 'choice', path: 'lapse.leechAction', choices: [1, 0] },
    ],
  },
  {
    name: 'order',
    fields: [
      { kind: 'choice', path: 'newGatherPriority', choices: [0, 5, 1, 2, 3, 4] },
      { kind: 'choice', path: 'newSortOrder', choices: [0, 1, 2, 3, 4] },
      { kind: 'choice', path: 'newMix', choices: [0, 1, 2] },
      { kind: 'choice', path: 'interdayLearningMix', choices: [0, 1, 2] },
      {
        kind: 'choice',
        path: 'reviewOrder',
        choices: [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 8, 9, 10],
      },
    ],
  },
  {
    name: 'bury',
    fields: [
      { kind: 'flag', path: 'new.bury' },
      { kind: 'flag', path: 'rev.bury' },
      { kind: 'flag', path: 'buryInterdayLearning' },
    ],
  },
  {
    name: 'timer',
    fields: [
      { kind: 'whole', path: 'maxTaken', min: 1, max: MAX_COUNT },
      { kind: 'flag', path: 'timer', isNumber: true },
    ],
  },
  {
    name: 'audio',
    fields: [
      { kind: 'flag', path: 'autoplay', isInverse: true },
      { kind: 'flag', path: 'replayq', isInverse: true },
    ],
  },
  {
    name: 'advance',
    fields: [
      { kind: 'number', path: 'secondsToShowQuestion', min: 0, max: MAX_SECONDS, step: 0.5 },
      { kind: 'number', path: 'secondsToShowAnswer', min: 0, max: MAX_SECONDS, step: 0.5 },
      { kind: 'choice', path: 'questionAction', choices: [0, 1] },
      { kind: 'choice', path: 'answerAction', choices: [0, 1, 2, 3, 4] },
      { kind: 'flag', path: 'waitForAudio' },
    ],
  },
  {
    name: 'advanced',
    fields: [
      { kind: 'whole', path: 'rev.maxIvl', min: 1, max: MAX_DAYS },
      { kind: 'number', path: 'new.initialFactor', min: 1.31, max: 5, scale: 1000, step: 0.05 },
      { kind: 'number', path: 'rev.ease4', min: 1, max: 5, step: 0.05 },
      { kind: 'number', path: 'rev.ivlFct', min: 0.5, max: 2, step: 0.05 },
      { kind: 'number', path: 'rev.hardFactor', min: 0.5, max: 1.3, step: 0.05 },
      { kind: 'number', path: 'lapse.mult', min: 0, max: 1, step: 0.05 },
    ],
  },
];

export const FIELDS = GROUPS.flatMap((group) => group.fields);

/** A path as a key of the words: they know no dots. */
export function wordKey(path: string): string {
  return path.replaceAll('.', '_');
}
