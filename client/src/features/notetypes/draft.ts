/** A notetype as it is being changed, and what has to be told to the service of it. */
import type { Notetype } from '@/shared/data/notetypes';

import type { NotetypeChanges } from './api';

interface Part {
  /** Its name before; null for a new one. */
  was: string | null;
  name: string;
}

export interface FieldDraft extends Part {
  rtl: boolean;
  sticky: boolean;
}

export interface TemplateDraft extends Part {
  question: string;
  answer: string;
}

export interface Draft {
  name: string;
  css: string;
  /** Its place in `fields`. */
  fields: FieldDraft[];
  templates: TemplateDraft[];
}

export function draftOf(notetype: Notetype): Draft {
  return {
    name: notetype.name,
    css: notetype.css,
    fields: notetype.fields.map(({ name, rtl, sticky }) => ({ was: name, name, rtl, sticky })),
    templates: notetype.templates.map(({ name, question, answer }) => ({
      was: name,
      name,
      question,
      answer,
    })),
  };
}

/** What differs; lists are told as a whole, for what is left out of them is removed. */
export function changesOf(draft: Draft, notetype: Notetype): NotetypeChanges {
  const before = draftOf(notetype);
  return {
    ...(draft.name !== before.name && { name: draft.name.trim() }),
    ...(draft.css !== before.css && { css: draft.css }),
    ...(!same(draft.fields, before.fields) && { fields: draft.fields }),
    ...(!same(draft.templates, before.templates) && { templates: draft.templates }),
  };
}

/** The names of fields and templates that go, with what notes have in them. */
export function removedBy(draft: Draft, notetype: Notetype) {
  const gone = (before: readonly { name: string }[], parts: readonly Part[]) => {
    const kept = new Set(parts.map((part) => part.was));
    return before.map(({ name }) => name).filter((name) => !kept.has(name));
  };
  return {
    fields: gone(notetype.fields, draft.fields),
    templates: gone(notetype.templates, draft.templates),
  };
}

/** With one entry at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  const one = list.slice(from, from + 1);
  return [...rest.slice(0, to), ...one, ...rest.slice(to)];
}

/** A name that no part has yet, like "Field 3". */
export function freeName(base: string, parts: readonly Part[]): string {
  const taken = new Set(parts.map((part) => part.name.toLowerCase()));
  for (let number = parts.length + 1; ; number += 1) {
    const name = `${base} ${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

function same(first: unknown, second: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}
