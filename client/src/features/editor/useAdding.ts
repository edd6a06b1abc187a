import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { storedHtml } from '@/shared/data/fieldText';
import type { Notetype } from '@/shared/data/notetypes';
import { useIntention } from '@/shared/data/useIntention';

import { type AddedNote, type NewNote, addNote } from './api';
import { carriedOver, plainText } from './fieldText';
import { notetypeFor, rememberNotetype } from './notetypeMemory';
import { useProblems } from './useProblems';

export interface Draft {
  notetypeId: number | undefined;
  /** The text of each field. */
  values: string[];
  tags: string[];
}

export interface Added {
  noteId: number;
  cardId: number;
  cards: number;
  text: string;
}

const LISTED = 5;

/** The note that is being written, and what was added before it. */
export function useAdding(deckId: number, notetypes: readonly Notetype[], onReady: () => void) {
  const client = useQueryClient();
  const intention = useIntention();
  const problemsOf = useProblems();
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(notetypeFor(deckId, notetypes)));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [added, setAdded] = useState<Added[]>([]);
  const notetype = notetypes.find((one) => one.id === draft.notetypeId) ?? notetypes[0];
  const html = htmlOf(notetype, draft);

  const save = useMutation({
    mutationFn: ({ note, key }: { note: NewNote; key: string }) => addNote(note, key),
    onSuccess: (answer, { note }) => {
      intention.done();
      setAdded((before) => [addedOf(answer, note), ...before].slice(0, LISTED));
      setDraft((now) => ({ ...now, values: stickyValues(notetype, now.values) }));
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'preview' });
      onReady();
    },
  });

  const submit = () => {
    if (!notetype || save.isPending) return;
    const found = problemsOf(notetype, Object.values(html));
    setProblems(found);
    if (Object.keys(found).length > 0) {
      onReady();
      return;
    }
    rememberNotetype(deckId, notetype.id);
    const note = { deck_id: deckId, notetype_id: notetype.id, fields: html, tags: draft.tags };
    save.mutate({ note, key: intention.keyFor(note) });
  };
  const change = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }));
    setProblems({});
    if (save.error) save.reset();
  };
  const chooseNotetype = (id: number) => {
    const to = notetypes.find((one) => one.id === id);
    if (!notetype || !to) return;
    rememberNotetype(deckId, id);
    change({ notetypeId: id, values: carriedOver(draft.values, notetype, to) });
  };
  const sticky = stickyValues(notetype, draft.values);
  const isDirty = draft.values.some((value, at) => value !== (sticky[at] ?? ''));
  return { notetype, draft, html, problems, added, save, submit, change, chooseNotetype, isDirty };
}

function emptyDraft(notetype: Notetype | undefined): Draft {
  return { notetypeId: notetype?.id, values: notetype?.fields.map(() => '') ?? [], tags: [] };
}

/** The fields by name, as they are stored. */
function htmlOf(notetype: Notetype | undefined, { values }: Draft): Record<string, string> {
  const entries = notetype?.fields.map(
    (field, at) => [field.name, storedHtml(values[at] ?? '')] as const,
  );
  return Object.fromEntries(entries ?? []);
}

/** What stays for the next note. */
function stickyValues(notetype: Notetype | undefined, values: readonly string[]): string[] {
  return notetype?.fields.map((field, at) => (field.sticky ? (values[at] ?? '') : '')) ?? [];
}

function addedOf(answer: AddedNote, note: NewNote): Added {
  return {
    noteId: answer.note_id,
    cardId: answer.card_id,
    cards: answer.card_ids.length,
    text: plainText(Object.values(note.fields)[0] ?? ''),
  };
}
