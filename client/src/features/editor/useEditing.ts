import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { shownText, storedHtml } from '@/shared/data/fieldText';
import type { Notetype } from '@/shared/data/notetypes';
import { useIntention } from '@/shared/data/useIntention';

import { type Card, type CardChanges, cardQuery, changeCard } from './api';
import { useProblems } from './useProblems';

interface Draft {
  values: string[];
  tags: string[];
  deckId: number;
}

/** A card's note as it is being changed. */
export function useEditing(card: Card, notetype: Notetype, onSaved: () => void) {
  const client = useQueryClient();
  const intention = useIntention();
  const problemsOf = useProblems();
  const [draft, setDraft] = useState<Draft>(() => ({
    values: notetype.fields.map((field) => shownText(card.fields[field.name] ?? '')),
    tags: card.tags,
    deckId: card.deck_id,
  }));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const html = Object.fromEntries(
    notetype.fields.map(({ name }, at) => [
      name,
      storedHtml(draft.values[at] ?? '', card.fields[name] ?? ''),
    ]),
  );
  const changes = changesOf(card, html, draft);
  const isDirty = Object.keys(changes).length > 0;

  const save = useMutation({
    mutationFn: (key: string) => changeCard(card.id, changes, key),
    onSuccess: (saved) => {
      intention.done();
      client.setQueryData(cardQuery(card.id).queryKey, saved);
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'preview' });
      onSaved();
    },
  });
  const submit = () => {
    if (save.isPending) return;
    // What the note was like before may stay so.
    const found = changes.fields ? problemsOf(notetype, Object.values(html)) : {};
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    if (isDirty) save.mutate(intention.keyFor(changes));
    else onSaved();
  };
  const change = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }));
    setProblems({});
    if (save.error) save.reset();
  };
  return { draft, html, problems, isDirty, save, submit, change };
}

function changesOf(card: Card, html: Record<string, string>, draft: Draft): CardChanges {
  const changed = Object.entries(html).filter(([name, value]) => value !== card.fields[name]);
  const sameTags =
    draft.tags.length === card.tags.length && draft.tags.every((tag) => card.tags.includes(tag));
  return {
    ...(changed.length > 0 && { fields: Object.fromEntries(changed) }),
    ...(!sameTags && { tags: draft.tags }),
    ...(draft.deckId !== card.deck_id && { deck_id: draft.deckId }),
  };
}
