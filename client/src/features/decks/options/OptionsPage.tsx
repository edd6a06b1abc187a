import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';

import { type Deck, deckQuery } from '@/shared/data/decks';
import { baseName } from '@/shared/data/deckNames';
import { EmptyState, ErrorNotice, LeaveGuard, Page } from '@/shared/ui';

import { type Preset, presetsQuery } from './api';
import { OptionGroups } from './OptionGroups';
import { OwnLimits } from './OwnLimits';
import { PresetBar } from './PresetBar';
import { SaveBar } from './SaveBar';
import styles from './options.module.css';
import { useOptions } from './useOptions';

/** The options of a deck, which others may share. */
export function Component() {
  const { t } = useTranslation('decks');
  const deckId = Number(useParams()['deckId']);
  const deck = useQuery(deckQuery(deckId));
  const presets = useQuery(presetsQuery);
  const failed = [deck, presets].find((one) => one.error && !one.data);
  const title = deck.data
    ? t('options.title', { name: baseName(deck.data.name) })
    : t('menu.options');
  return (
    <Page title={title} back={{ to: `/decks/${deckId}`, label: t('toDeck') }}>
      {failed && <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />}
      {deck.data?.filtered && <EmptyState icon="settings" title={t('options.filtered')} />}
      {deck.data && !deck.data.filtered && presets.data && (
        <OptionsForm key={deckId} deck={deck.data} presets={presets.data} />
      )}
    </Page>
  );
}

function OptionsForm({ deck, presets }: { deck: Deck; presets: readonly Preset[] }) {
  const options = useOptions(deck, presets);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        options.submit();
        const form = event.currentTarget;
        requestAnimationFrame(() =>
          form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
        );
      }}
      noValidate
    >
      <LeaveGuard when={options.isDirty} />
      <PresetBar deck={deck} presets={presets} options={options} />
      <OwnLimits options={options} />
      <OptionGroups options={options} />
      <SaveBar options={options} />
    </form>
  );
}
