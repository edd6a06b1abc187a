/** Deck options as they are typed in, and what has to be told to the service of it. */
import type { DeckOptions } from './api';
import { FIELDS, type OptionField } from './fields';
import { formatSteps, parseSteps } from './steps';

/** By path: text as it is typed, or whether a box is ticked. */
export type Draft = Readonly<Record<string, string | boolean>>;

/** What is wrong with a field: `min` and `max` are the numbers between which it has to be. */
export type Problem = { kind: 'steps' } | { kind: 'range'; min: number; max: number };

export interface Read {
  /** Some of Anki's options, as the service takes them. */
  changes: Record<string, unknown>;
  problems: Record<string, Problem>;
}

export function draftOf(options: DeckOptions): Draft {
  return Object.fromEntries(FIELDS.map((field) => [field.path, shown(field, options)]));
}

/** What differs from `options`. */
export function readDraft(draft: Draft, options: DeckOptions): Read {
  const before = draftOf(options);
  const read: Read = { changes: {}, problems: {} };
  for (const field of FIELDS) {
    const typed = draft[field.path];
    if (typed === undefined || typed === before[field.path]) continue;
    const value = valueOf(field, typed);
    if (value === null) read.problems[field.path] = problemOf(field);
    else put(read.changes, field.path, value, options);
  }
  return read;
}

function shown(field: OptionField, options: DeckOptions): string | boolean {
  const value = stored(options, field.path);
  switch (field.kind) {
    case 'steps':
      return formatSteps(value as number[]);
    case 'flag':
      return (value === true || value === 1) !== (field.isInverse ?? false);
    case 'number':
      return String(round(Number(value) / (field.scale ?? 1)));
    default:
      return String(value);
  }
}

function valueOf(field: OptionField, typed: string | boolean): unknown {
  if (typeof typed === 'boolean') {
    const value = typed !== (field.kind === 'flag' && field.isInverse === true);
    return field.kind === 'flag' && field.isNumber ? Number(value) : value;
  }
  if (field.kind === 'steps') return parseSteps(typed);
  if (field.kind === 'choice') return Number(typed);
  const number = typed.trim() === '' ? NaN : Number(typed.replace(',', '.'));
  if (field.kind === 'flag' || !(number >= field.min && number <= field.max)) return null;
  if (field.kind === 'whole') return Number.isInteger(number) ? number : null;
  return field.scale ? Math.round(number * field.scale) : number;
}

function problemOf(field: OptionField): Problem {
  if (field.kind === 'whole' || field.kind === 'number') {
    return { kind: 'range', min: field.min, max: field.max };
  }
  return { kind: 'steps' };
}

function stored(options: DeckOptions, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], options);
}

function put(
  changes: Record<string, unknown>,
  path: string,
  value: unknown,
  options: DeckOptions,
): void {
  const [block = '', name, place] = path.split('.');
  if (name === undefined) {
    changes[block] = value;
    return;
  }
  const inner = (changes[block] ??= {}) as Record<string, unknown>;
  if (place === undefined) {
    inner[name] = value;
    return;
  }
  // A list is given as a whole.
  const list = (inner[name] ?? [
    ...(stored(options, `${block}.${name}`) as unknown[]),
  ]) as unknown[];
  list[Number(place)] = value;
  inner[name] = list;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
