import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { formatNumber } from '@/shared/i18n/format';
import { Checkbox, Select, TextField } from '@/shared/ui';

import type { Problem } from './draft';
import { GROUPS, type OptionField, wordKey } from './fields';
import styles from './options.module.css';
import type { Options } from './useOptions';

/** All options of the preset, in Anki's groups. */
export function OptionGroups({ options }: { options: Options }) {
  const { t } = useTranslation('decks');
  return GROUPS.map((group) => (
    <section key={group.name} className={styles.group} aria-labelledby={`group-${group.name}`}>
      <h2 id={`group-${group.name}`}>{t(`options.groups.${group.name}`)}</h2>
      <div className={styles.fields}>
        {group.fields.map((field) => (
          <Field key={field.path} field={field} options={options} />
        ))}
      </div>
    </section>
  ));
}

function Field({ field, options }: { field: OptionField; options: Options }) {
  const { t } = useTranslation('decks');
  const key = wordKey(field.path);
  const value = options.draft[field.path] ?? '';
  const error = useProblem(options, field.path);
  const change = (next: string | boolean) => options.change(field.path, next);
  const words = { label: t(`options.fields.${key}`), hint: t(`options.hints.${key}`), error };
  if (field.kind === 'flag') {
    return (
      <div>
        <Checkbox checked={value === true} onChange={change}>
          {words.label}
          <span className={styles.hint}>{words.hint}</span>
        </Checkbox>
      </div>
    );
  }
  if (field.kind === 'choice') {
    const shown = wordKey(field.path === 'interdayLearningMix' ? 'newMix' : field.path);
    return (
      <Select
        {...words}
        value={String(value)}
        options={field.choices.map((choice) => ({
          value: String(choice),
          label: t(`options.choices.${shown}.${choice}`),
        }))}
        onChange={change}
      />
    );
  }
  return (
    <TextField
      {...words}
      inputMode={{ whole: 'numeric', number: 'decimal', steps: 'text' }[field.kind] as 'text'}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={String(value)}
      onChange={(event) => change(event.target.value)}
    />
  );
}

/** What is wrong with a field: found here, or by the service. */
function useProblem(options: Options, path: string): string | undefined {
  const { t } = useTranslation('decks');
  const problem: Problem | undefined = options.problems[path];
  if (problem?.kind === 'steps') return t('options.badSteps');
  if (problem) {
    const { min, max } = problem;
    return t('options.range', { min: formatNumber(min), max: formatNumber(max) });
  }
  const { error } = options.save;
  if (!(error instanceof ApiError)) return undefined;
  return error.fields[path] ?? error.fields[path.replace(/\.\d$/, '')];
}
