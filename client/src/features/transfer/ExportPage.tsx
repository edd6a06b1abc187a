import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { download } from '@/shared/api/download';
import { fieldError } from '@/shared/api/errors';
import { DeckSelect } from '@/shared/data/DeckSelect';
import { formatBytes } from '@/shared/i18n/format';
import { Button, Checkbox, Page, ProgressBar, RadioGroup, TextField, toast } from '@/shared/ui';

import {
  type ExportChoice,
  SCOPES,
  exportQuery,
  formatsOf,
  isComplete,
  optionValue,
  optionsOf,
  withScope,
} from './exportChoice';
import { TransferError } from './TransferError';
import styles from './transfer.module.css';

/** Take out everything, a deck or what a search finds. */
export function Component() {
  const { t } = useTranslation('transfer');
  const [query] = useSearchParams();
  const [choice, setChoice] = useState(() => firstChoice(query));
  const saving = useDownload();
  const problem = fieldError(saving.error, 'q');
  return (
    <Page title={t('export.title')}>
      <form
        className={styles.section}
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete(choice)) saving.start(choice);
        }}
      >
        <WhatToExport choice={choice} problem={problem} onChange={setChoice} />
        <FormatChoice choice={choice} onChange={setChoice} />
        {saving.error !== null && !problem && <TransferError error={saving.error} />}
        {saving.isPending && (
          <ProgressBar
            label={
              saving.done > 0
                ? t('export.receiving', { size: formatBytes(saving.done) })
                : t('export.preparing')
            }
            done={saving.done}
            total={saving.total}
          />
        )}
        <div className={styles.row}>
          <Button
            type="submit"
            kind="primary"
            icon="download"
            busy={saving.isPending}
            disabled={!isComplete(choice)}
          >
            {t('export.action')}
          </Button>
          {saving.isPending && <Button onClick={saving.stop}>{t('export.stop')}</Button>}
        </div>
      </form>
    </Page>
  );
}

interface PartProps {
  choice: ExportChoice;
  onChange: (choice: ExportChoice) => void;
}

function WhatToExport({ choice, problem, onChange }: PartProps & { problem: string | undefined }) {
  const { t } = useTranslation('transfer');
  return (
    <div className={styles.box}>
      <RadioGroup
        inline
        label={t('export.what')}
        value={choice.scope}
        choices={SCOPES.map((value) => ({ value, label: t(`export.scope.${value}`) }))}
        onChange={(scope) => onChange(withScope(choice, scope))}
      />
      {choice.scope === 'deck' && (
        <DeckSelect
          label={t('export.deck')}
          hint={t('export.deckHint')}
          value={choice.deckId}
          filter={() => true}
          onChange={(deckId) => onChange({ ...choice, deckId })}
        />
      )}
      {choice.scope === 'search' && (
        <TextField
          label={t('export.search')}
          hint={t('export.searchHint')}
          type="search"
          error={problem}
          value={choice.search}
          onChange={(event) => onChange({ ...choice, search: event.target.value })}
        />
      )}
    </div>
  );
}

function FormatChoice({ choice, onChange }: PartProps) {
  const { t } = useTranslation('transfer');
  const options = optionsOf(choice.format);
  return (
    <div className={styles.box}>
      <RadioGroup
        label={t('export.format')}
        value={choice.format}
        choices={formatsOf(choice.scope).map((value) => ({
          value,
          label: t(`export.formats.${value}`),
          hint: t(`export.formats.${value}_hint`),
        }))}
        onChange={(format) => onChange({ ...choice, format })}
      />
      {options.length > 0 && (
        <fieldset>
          <legend className="visually-hidden">{t('export.options')}</legend>
          {options.map((option) => (
            <Checkbox
              key={option}
              checked={optionValue(choice, option)}
              onChange={(checked) =>
                onChange({ ...choice, options: { ...choice.options, [option]: checked } })
              }
            >
              {t(`export.option.${option}`)}
            </Checkbox>
          ))}
        </fieldset>
      )}
    </div>
  );
}

function firstChoice(query: URLSearchParams): ExportChoice {
  const deckId = Number(query.get('deck') ?? NaN);
  const search = query.get('q') ?? '';
  const isDeck = Number.isSafeInteger(deckId);
  return {
    scope: isDeck ? 'deck' : search ? 'search' : 'all',
    format: isDeck || search ? 'apkg' : 'colpkg',
    deckId: isDeck ? deckId : null,
    search,
    options: {},
  };
}

function useDownload() {
  const { t } = useTranslation('transfer');
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const stopping = useRef<AbortController>(null);
  const saving = useMutation({
    mutationFn: async (choice: ExportChoice) => {
      const stop = new AbortController();
      stopping.current = stop;
      setProgress({ done: 0, total: 0 });
      try {
        await download('/api/export', exportQuery(choice), {
          signal: stop.signal,
          onProgress: (done, total) => setProgress({ done, total }),
        });
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        return;
      }
      toast(t('export.done'));
    },
  });
  return {
    ...progress,
    isPending: saving.isPending,
    error: saving.error,
    start: (choice: ExportChoice) => saving.mutate(choice),
    stop: () => stopping.current?.abort(),
  };
}
