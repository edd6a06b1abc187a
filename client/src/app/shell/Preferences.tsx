import { useTranslation } from 'react-i18next';

import { setLanguage } from '@/shared/i18n/i18n';
import { LANGUAGES, LANGUAGE_NAMES } from '@/shared/i18n/languages';
import { Select } from '@/shared/ui';

/** The language, before anybody is logged in. */
export function Preferences() {
  const { t, i18n } = useTranslation('shell');
  return (
    <Select
      label={t('language')}
      hideLabel
      value={i18n.language}
      options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
      onChange={(language) => void setLanguage(language)}
    />
  );
}
