import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DeckSelect } from '@/shared/data/DeckSelect';
import { decksQuery } from '@/shared/data/decks';
import { notetypesQuery } from '@/shared/data/notetypes';
import { Checkbox, Select, TextField } from '@/shared/ui';

import type { TextPreview } from './api';
import { tagsOf, withDelimiter, withFieldColumn, withNotetype } from './columns';
import { More } from './More';
import styles from './transfer.module.css';
import type { TextOptions } from './wanted';

const DELIMITERS = ['tab', 'comma', 'semicolon', 'colon', 'pipe', 'space'] as const;
const IF_MATCHES = ['update', 'preserve', 'duplicate'] as const;
const SCOPES = ['notetype', 'notetype_and_deck'] as const;

interface FormProps {
  preview: TextPreview;
  options: TextOptions;
  onChange: (options: TextOptions) => void;
}

/** How a text file is to be understood: as it was, and otherwise where the person knows better. */
export function TextOptionsForm(props: FormProps) {
  const { t } = useTranslation('transfer');
  return (
    <>
      <Writing {...props} />
      <div className={styles.columns}>
        <NotetypeSelect {...props} />
        <DeckOfNotes {...props} />
        <ColumnSelect
          label={t('text.tagsColumn')}
          preview={props.preview}
          value={props.preview.tags_column}
          onChange={(tags_column) => props.onChange({ ...props.options, tags_column })}
        />
      </div>
      <FieldColumns {...props} />
      <More summary={t('text.more')}>
        <Duplicates {...props} />
      </More>
    </>
  );
}

function Writing({ preview, options, onChange }: FormProps) {
  const { t } = useTranslation('transfer');
  return (
    <div className={styles.columns}>
      <Select
        label={t('text.delimiter')}
        value={preview.delimiter}
        options={DELIMITERS.map((value) => ({ value, label: t(`text.delimiters.${value}`) }))}
        onChange={(text) => {
          const delimiter = DELIMITERS.find((one) => one === text);
          if (delimiter) onChange(withDelimiter(options, delimiter));
        }}
      />
      <div>
        <Checkbox
          checked={preview.has_names_row}
          onChange={(has_names_row) =>
            onChange({ ...options, has_names_row, field_columns: null, tags_column: null })
          }
        >
          {t('text.namesRow')}
        </Checkbox>
        <Checkbox
          checked={preview.is_html}
          onChange={(is_html) => onChange({ ...options, is_html })}
        >
          {t('text.html')}
        </Checkbox>
      </div>
    </div>
  );
}

function NotetypeSelect({ preview, options, onChange }: FormProps) {
  const { t } = useTranslation('transfer');
  const notetypes = useQuery(notetypesQuery);
  const choices = (notetypes.data ?? []).map(({ id, name }) => ({
    value: String(id),
    label: name,
  }));
  if (preview.notetype_id === null) choices.unshift({ value: '', label: t('text.byRow') });
  return (
    <Select
      label={t('text.notetype')}
      value={String(preview.notetype_id ?? '')}
      options={choices}
      onChange={(text) => onChange(withNotetype(options, text ? Number(text) : null))}
    />
  );
}

function DeckOfNotes({ preview, options, onChange }: FormProps) {
  const { t } = useTranslation('transfer');
  const decks = useQuery(decksQuery);
  const isListed = decks.data?.decks.some(({ id }) => id === preview.deck_id) ?? true;
  const ofFile = useDeckOfFile(preview);
  const isOfFile = preview.deck_column > 0 || preview.deck_id === null || !isListed;
  return (
    <DeckSelect
      label={t('text.deck')}
      value={isOfFile ? null : preview.deck_id}
      onChange={(deck_id) => onChange({ ...options, deck_id })}
      {...(isOfFile && { none: ofFile })}
    />
  );
}

/** Where the notes go if nobody chooses: a deck that is not in the list, or that is yet to be. */
function useDeckOfFile({ deck_column, deck_id, deck_name }: TextPreview): string {
  const { t } = useTranslation('transfer');
  if (deck_column > 0) return t('text.byRow');
  return deck_id === null ? t('text.newDeck', { name: deck_name }) : deck_name;
}

function FieldColumns({ preview, options, onChange }: FormProps) {
  const { t } = useTranslation('transfer');
  const id = useId();
  const notetypes = useQuery(notetypesQuery);
  const notetype = notetypes.data?.find((one) => one.id === preview.notetype_id);
  const { field_columns: columns } = preview;
  if (!notetype || !columns) return null;
  return (
    <div role="group" aria-labelledby={id} className={styles.section}>
      <div>
        <h3 id={id}>{t('text.fields')}</h3>
        <p className={styles.small}>{t('text.fieldsHint')}</p>
      </div>
      <div className={styles.columns}>
        {notetype.fields.map(({ name }, index) => (
          <ColumnSelect
            key={name}
            label={name}
            preview={preview}
            value={columns[index] ?? 0}
            onChange={(column) =>
              onChange({ ...options, field_columns: withFieldColumn(columns, index, column) })
            }
          />
        ))}
      </div>
    </div>
  );
}

interface ColumnSelectProps {
  label: string;
  preview: TextPreview;
  value: number;
  onChange: (column: number) => void;
}

/** One of the columns, each with what stands in it first. */
function ColumnSelect({ label, preview, value, onChange }: ColumnSelectProps) {
  const { t } = useTranslation('transfer');
  const columns = preview.columns.map((name, index) => ({
    value: String(index + 1),
    label: `${index + 1} · ${name || (preview.rows[0]?.[index] ?? '')}`,
  }));
  return (
    <Select
      label={label}
      value={String(value)}
      options={[{ value: '0', label: t('text.noColumn') }, ...columns]}
      onChange={(text) => onChange(Number(text))}
    />
  );
}

function Duplicates({ preview, options, onChange }: FormProps) {
  const { t } = useTranslation('transfer');
  const [tags, setTags] = useState(preview.tags.join(' '));
  return (
    <div className={styles.columns}>
      <Select
        label={t('text.ifMatches')}
        value={preview.if_matches}
        options={IF_MATCHES.map((value) => ({ value, label: t(`text.matches.${value}`) }))}
        onChange={(text) => {
          const if_matches = IF_MATCHES.find((one) => one === text);
          if (if_matches) onChange({ ...options, if_matches });
        }}
      />
      <Select
        label={t('text.matchScope')}
        value={preview.match_scope}
        options={SCOPES.map((value) => ({ value, label: t(`text.scopes.${value}`) }))}
        onChange={(text) => {
          const match_scope = SCOPES.find((one) => one === text);
          if (match_scope) onChange({ ...options, match_scope });
        }}
      />
      <TextField
        label={t('text.tags')}
        hint={t('text.tagsHint')}
        value={tags}
        onChange={(event) => setTags(event.target.value)}
        onBlur={() => onChange({ ...options, tags: tagsOf(tags) })}
      />
    </div>
  );
}
