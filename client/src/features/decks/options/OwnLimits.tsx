import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import { TextField } from '@/shared/ui';

import { LIMITS } from './limits';
import styles from './options.module.css';
import type { Options } from './useOptions';

/** Limits that are for this deck alone. */
export function OwnLimits({ options }: { options: Options }) {
  const { t } = useTranslation('decks');
  const { error } = options.save;
  return (
    <section className={styles.group} aria-labelledby="own-limits">
      <h2 id="own-limits">{t('options.groups.own')}</h2>
      <p className={styles.about}>{t('options.ownHint')}</p>
      <div className={styles.fields}>
        {LIMITS.map((name) => (
          <TextField
            key={name}
            label={t(`options.fields.${name}`)}
            inputMode="numeric"
            placeholder={t('options.asPreset')}
            autoComplete="off"
            value={options.limits[name]}
            error={
              options.limitProblems.includes(name)
                ? t('options.range', { min: 0, max: 9999 })
                : error instanceof ApiError
                  ? error.fields[name]
                  : undefined
            }
            onChange={(event) => options.changeLimit(name, event.target.value)}
          />
        ))}
      </div>
    </section>
  );
}
