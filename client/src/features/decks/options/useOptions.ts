import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Deck } from '@/shared/data/decks';
import { useIntention } from '@/shared/data/useIntention';
import { toast } from '@/shared/ui';

import { type DeckChanges, changeDeck } from '../api';
import { DEFAULT_PRESET, type Preset, changePreset } from './api';
import { type Draft, type Read, draftOf, readDraft } from './draft';
import { type Limits, limitsOf, readLimits } from './limits';

interface Saving {
  deck: DeckChanges;
  presets: [id: number, changes: Record<string, unknown>][];
}

/** The options of a deck as they are being changed: its preset, that one's options, own limits. */
export function useOptions(deck: Deck, presets: readonly Preset[]) {
  const { t } = useTranslation('decks');
  const client = useQueryClient();
  const intention = useIntention();
  const [chosen, setChosen] = useState<number | null>(null);
  // What was typed for one preset stays when another one is looked at.
  const [drafts, setDrafts] = useState<Readonly<Record<number, Draft>>>({});
  const [limits, setLimits] = useState<Limits>({});
  const [showsProblems, setShowsProblems] = useState(false);

  const preset = presetOf(presets, chosen ?? deck.options_id);
  const read = new Map<number, Read>(
    presets.flatMap((one) => {
      const draft = drafts[one.id];
      return draft ? [[one.id, readDraft(draft, one.options)] as const] : [];
    }),
  );
  const ownLimits = readLimits(limits, deck);
  const saving: Saving = {
    deck: {
      ...ownLimits.changes,
      ...(preset && preset.id !== deck.options_id && { options_id: preset.id }),
    },
    presets: [...read]
      .filter(([, { changes }]) => Object.keys(changes).length > 0)
      .map(([id, { changes }]) => [id, changes]),
  };
  const broken = [...read].find(([, one]) => Object.keys(one.problems).length > 0)?.[0];
  const isBroken = broken !== undefined || ownLimits.problems.length > 0;
  const isDirty = isBroken || Object.keys(saving.deck).length > 0 || saving.presets.length > 0;

  const save = useMutation({
    mutationFn: async ({ what, key }: { what: Saving; key: string }) => {
      if (Object.keys(what.deck).length > 0) await changeDeck(deck.id, what.deck, `${key}-deck`);
      for (const [id, changes] of what.presets) await changePreset(id, changes, `${key}-${id}`);
    },
    onSuccess: async () => {
      intention.done();
      await client.invalidateQueries();
      setDrafts({});
      setLimits({});
      setChosen(null);
      setShowsProblems(false);
      toast(t('saved'));
    },
  });
  const submit = () => {
    setShowsProblems(true);
    if (broken !== undefined && broken !== preset?.id) setChosen(broken);
    if (!isBroken && isDirty) save.mutate({ what: saving, key: intention.keyFor(saving) });
  };
  const touched = () => {
    if (save.error) save.reset();
  };
  return {
    preset,
    draft: preset ? (drafts[preset.id] ?? draftOf(preset.options)) : {},
    limits: limitsOf(limits, deck),
    problems: showsProblems && preset ? (read.get(preset.id)?.problems ?? {}) : {},
    limitProblems: showsProblems ? ownLimits.problems : [],
    isDirty,
    isBroken: isBroken && showsProblems,
    save,
    submit,
    choosePreset: setChosen,
    change: (path: string, value: string | boolean) => {
      touched();
      if (!preset) return;
      const draft = drafts[preset.id] ?? draftOf(preset.options);
      setDrafts({ ...drafts, [preset.id]: { ...draft, [path]: value } });
    },
    changeLimit: (name: keyof Limits, value: string) => {
      touched();
      setLimits({ ...limits, [name]: value });
    },
    discard: () => {
      setDrafts({});
      setLimits({});
      setChosen(null);
      setShowsProblems(false);
      save.reset();
    },
  };
}

export type Options = ReturnType<typeof useOptions>;

function presetOf(presets: readonly Preset[], id: number | null): Preset | undefined {
  return (
    presets.find((one) => one.id === id) ??
    presets.find((one) => one.id === DEFAULT_PRESET) ??
    presets[0]
  );
}
