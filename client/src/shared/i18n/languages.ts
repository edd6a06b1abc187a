/** The languages there are, each with the words of every feature in a file of its own. */
export const LANGUAGES = ['en', 'es', 'pt-BR'] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
};

/** The words by namespace, which is the name of the folder that has them. */
export type Words = Record<string, object>;

export async function loadWords(language: Language | 'pseudo'): Promise<Words> {
  switch (language) {
    case 'es':
      return (await import('./words/es')).default;
    case 'pt-BR':
      return (await import('./words/pt-BR')).default;
    case 'pseudo':
      return (await import('./words/pseudo')).default;
    case 'en':
      return (await import('./words/en')).default;
  }
}
