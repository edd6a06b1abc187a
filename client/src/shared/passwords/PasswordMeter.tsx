import { useTranslation } from 'react-i18next';

import styles from './PasswordMeter.module.css';
import { type Candidate, type Strength, usePasswordStrength } from './usePasswordStrength';

const STEPS = [1, 2, 3, 4] as const;
const WORDS = ['veryWeak', 'weak', 'fair', 'good', 'strong'] as const;

/** Under a field for a new password: how hard it is to guess, and what would make it harder. */
export function PasswordMeter(candidate: Candidate) {
  const { t, i18n } = useTranslation('passwords');
  const strength = usePasswordStrength(candidate);
  const score = strength ? shownScore(strength) : 0;
  const known = (group: string, code: string) =>
    i18n.exists(`${group}.${code}`, { ns: 'passwords' });
  const warning = strength?.warning;
  const suggestion = strength?.suggestions.find((code) => known('suggestions', code));
  return (
    <div className={styles.root}>
      <div className={styles.bar} data-score={strength ? score : undefined} aria-hidden="true">
        {STEPS.map((step) => (
          <span key={step} className={strength && step <= score ? styles.on : styles.off} />
        ))}
      </div>
      <p className={styles.text} aria-live="polite">
        {strength ? (
          <>
            <strong>{t(WORDS[score] ?? 'veryWeak')}</strong>{' '}
            {warning && known('warnings', warning) && `${t(`warnings.${warning}`)} `}
            {suggestion && score < STEPS.length && t(`suggestions.${suggestion}`)}
          </>
        ) : (
          t('hint')
        )}
      </p>
    </div>
  );
}

/** What the service would refuse is not shown as good, however hard it is. */
export function shownScore({ score, problem }: Strength): number {
  return problem ? 0 : score;
}
