import { useTranslation } from 'react-i18next';

import type { Account } from '@/shared/data/account';
import { setLanguage } from '@/shared/i18n/i18n';
import { LANGUAGES, LANGUAGE_NAMES } from '@/shared/i18n/languages';
import { THEMES, chooseTheme, useTheme } from '@/shared/theme/theme';
import { RadioGroup, Select, toast, useErrorText } from '@/shared/ui';

import { Section } from './Section';
import { useAccountChange } from './useAccountChange';

/** The language, which goes with the person, and the looks, which are this device's. */
export function ScreenSection({ account }: { account: Account }) {
  const { t, i18n } = useTranslation('account');
  const { theme } = useTheme();
  const errorText = useErrorText();
  const change = useAccountChange();
  const choose = (code: string) => {
    const language = LANGUAGES.find((one) => one === code);
    if (!language) return;
    void setLanguage(language);
    change.mutate({ language }, { onError: (error) => toast(errorText(error)) });
  };
  return (
    <Section title={t('screen.title')}>
      <Select
        label={t('screen.language')}
        hint={account.language === null ? t('screen.browserLanguage') : undefined}
        value={i18n.language}
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        onChange={choose}
      />
      <RadioGroup
        inline
        label={t('screen.theme')}
        value={theme}
        choices={THEMES.map((value) => ({ value, label: t(`screen.themes.${value}`) }))}
        onChange={chooseTheme}
      />
    </Section>
  );
}
