/** The interface in the person's language; `t` comes from `useTranslation(<feature>)`. */
import i18next from 'i18next';
import LanguageDetector from 'i18next-browser-languagedetector';
import { initReactI18next } from 'react-i18next';

import { LANGUAGES, type Language, loadWords } from './languages';

const KEY = 'javumbo.language';

/** Begin with the language chosen before, else the browser's, else English. */
export async function startI18n(): Promise<void> {
  await i18next
    .use(LanguageDetector)
    .use(initReactI18next)
    .init({
      supportedLngs: [...LANGUAGES, 'pseudo'],
      fallbackLng: { pt: ['pt-BR'], default: ['en'] },
      load: 'currentOnly',
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      detection: {
        order: ['querystring', 'localStorage', 'navigator'],
        lookupQuerystring: 'lang',
        lookupLocalStorage: KEY,
        caches: ['localStorage'],
        convertDetectedLanguage: nearest,
      },
      resources: {},
    });
  await setLanguage(i18next.language);
}

/** Change the language of everything that is shown, and remember it. */
export async function setLanguage(code: string): Promise<void> {
  const language = nearest(code) as Language | 'pseudo';
  for (const [namespace, words] of Object.entries(await loadWords(language))) {
    i18next.addResourceBundle(language, namespace, words);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'pseudo' ? 'en' : language;
}

/** The language of ours that suits a browser's: Portuguese of anywhere is Brazil's here. */
function nearest(code: string): string {
  if (code === 'pseudo') return code;
  const base = code.split('-')[0];
  return LANGUAGES.find((language) => language.split('-')[0] === base) ?? 'en';
}
