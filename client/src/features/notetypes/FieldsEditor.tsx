import { useTranslation } from 'react-i18next';

import { Button, Checkbox, TextField } from '@/shared/ui';

import { type FieldDraft, freeName, moved } from './draft';
import styles from './notetypes.module.css';

interface FieldsEditorProps {
  fields: readonly FieldDraft[];
  onChange: (fields: FieldDraft[]) => void;
}

/** The fields in their order; what is taken away takes its contents along. */
export function FieldsEditor({ fields, onChange }: FieldsEditorProps) {
  const { t } = useTranslation('notetypes');
  const set = (at: number, part: Partial<FieldDraft>) =>
    onChange(fields.map((field, index) => (index === at ? { ...field, ...part } : field)));
  return (
    <section className={styles.group} aria-labelledby="fields">
      <h2 id="fields">{t('fields')}</h2>
      <ol className={styles.fields}>
        {fields.map((field, at) => (
          <li key={field.was ?? `new-${at}`} className={styles.field}>
            <TextField
              label={t('fieldNumber', { number: at + 1 })}
              value={field.name}
              maxLength={120}
              autoComplete="off"
              onChange={(event) => set(at, { name: event.target.value })}
            />
            <div className={styles.flags}>
              <Checkbox checked={field.sticky} onChange={(sticky) => set(at, { sticky })}>
                {t('sticky')}
              </Checkbox>
              <Checkbox checked={field.rtl} onChange={(rtl) => set(at, { rtl })}>
                {t('rtl')}
              </Checkbox>
            </div>
            <div className={styles.moves}>
              <span className={styles.up}>
                <Button
                  kind="quiet"
                  icon="chevron"
                  iconOnly
                  disabled={at === 0}
                  onClick={() => onChange(moved(fields, at, at - 1))}
                >
                  {t('moveUp', { name: field.name })}
                </Button>
              </span>
              <span className={styles.down}>
                <Button
                  kind="quiet"
                  icon="chevron"
                  iconOnly
                  disabled={at === fields.length - 1}
                  onClick={() => onChange(moved(fields, at, at + 1))}
                >
                  {t('moveDown', { name: field.name })}
                </Button>
              </span>
              <Button
                kind="quiet"
                icon="trash"
                iconOnly
                disabled={fields.length === 1}
                onClick={() => onChange(fields.filter((_, index) => index !== at))}
              >
                {t('removeOf', { name: field.name })}
              </Button>
            </div>
          </li>
        ))}
      </ol>
      <div>
        <Button
          icon="add"
          onClick={() => {
            const name = freeName(t('field'), fields);
            onChange([...fields, { was: null, name, rtl: false, sticky: false }]);
          }}
        >
          {t('addField')}
        </Button>
      </div>
    </section>
  );
}
