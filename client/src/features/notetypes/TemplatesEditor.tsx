import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { CardPreview, usePreview } from '@/shared/data/CardPreview';
import type { Notetype } from '@/shared/data/notetypes';
import { Button, Select, TextArea, TextField } from '@/shared/ui';

import { sampleQuery } from './api';
import { type Draft, type TemplateDraft, freeName } from './draft';
import styles from './notetypes.module.css';

interface TemplatesEditorProps {
  notetype: Notetype;
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

/** The templates, one at a time, with what they make of a note beside them. */
export function TemplatesEditor({ notetype, draft, onChange }: TemplatesEditorProps) {
  const { t } = useTranslation('notetypes');
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, draft.templates.length - 1);
  const template = draft.templates[at];
  if (!template) return null;
  const set = (part: Partial<TemplateDraft>) =>
    onChange({
      templates: draft.templates.map((one, index) => (index === at ? { ...one, ...part } : one)),
    });
  const add = () => {
    const name = freeName(t('card'), draft.templates);
    const { question, answer } = template;
    onChange({ templates: [...draft.templates, { was: null, name, question, answer }] });
    setChosen(draft.templates.length);
  };
  return (
    <section className={styles.group} aria-labelledby="templates">
      <h2 id="templates">{t('templates')}</h2>
      {notetype.kind === 'standard' && (
        <div className={styles.row}>
          <Select
            label={t('template')}
            value={String(at)}
            options={draft.templates.map((one, index) => ({
              value: String(index),
              label: one.name,
            }))}
            onChange={(index) => setChosen(Number(index))}
          />
          <TextField
            label={t('name')}
            value={template.name}
            maxLength={120}
            autoComplete="off"
            onChange={(event) => set({ name: event.target.value })}
          />
          <Button icon="add" onClick={add}>
            {t('addTemplate')}
          </Button>
          <Button
            kind="quiet"
            icon="trash"
            iconOnly
            disabled={draft.templates.length === 1}
            onClick={() =>
              onChange({ templates: draft.templates.filter((_, index) => index !== at) })
            }
          >
            {t('removeOf', { name: template.name })}
          </Button>
        </div>
      )}
      <div className={styles.columns}>
        <div className={styles.sources}>
          <Source
            label={t('front')}
            value={template.question}
            onChange={(question) => set({ question })}
          />
          <Source
            label={t('back')}
            value={template.answer}
            onChange={(answer) => set({ answer })}
          />
          <Source label={t('css')} value={draft.css} onChange={(css) => onChange({ css })} />
        </div>
        <TemplatePreview notetype={notetype} draft={draft} at={at} />
      </div>
    </section>
  );
}

interface SourceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function Source({ label, value, onChange }: SourceProps) {
  return (
    <TextArea
      label={label}
      rows={8}
      spellCheck={false}
      autoCapitalize="none"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** With the fields of a note of this type; without one the fields say their names. */
function TemplatePreview({
  notetype,
  draft,
  at,
}: Omit<TemplatesEditorProps, 'onChange'> & { at: number }) {
  const { t } = useTranslation('notetypes');
  const { data: sample } = useQuery(sampleQuery(notetype.id));
  const template = draft.templates[at];
  const isCloze = notetype.kind === 'cloze';
  // The service knows the fields by their old names as long as nothing is saved.
  const preview = usePreview(
    sample === undefined || !template
      ? null
      : {
          notetype_id: notetype.id,
          fields: sample ?? placeholders(notetype),
          ...(isCloze ? {} : { ord: Math.min(at, notetype.templates.length) }),
          template: { question: template.question, answer: template.answer, css: draft.css },
        },
  );
  return (
    <div className={styles.preview}>
      <h3>{t('preview')}</h3>
      <CardPreview preview={preview.data} error={preview.error} empty={t('noPreview')} />
    </div>
  );
}

function placeholders(notetype: Notetype): Record<string, string> {
  return Object.fromEntries(
    notetype.fields.map(({ name }, at) => [
      name,
      notetype.kind === 'cloze' && at === 0 ? `{{c1::(${name})}}` : `(${name})`,
    ]),
  );
}
