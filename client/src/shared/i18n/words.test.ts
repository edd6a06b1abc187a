import { expect, test } from 'vitest';

import { LANGUAGES, type Language } from './languages';

/** The files with words, and the sources that use them, by path. */
const FILES = import.meta.glob<object>('/src/*/*/locales/*.json', {
  eager: true,
  import: 'default',
});
const SOURCES = import.meta.glob<string>(
  ['/src/**/*.{ts,tsx}', '!/src/**/*.test.{ts,tsx}', '!/src/**/*.d.ts'],
  { eager: true, import: 'default', query: '?raw' },
);
const PLURAL = /_(zero|one|two|few|many|other)$/;

const folders = [...new Set(Object.keys(FILES).map((path) => path.split('/locales/')[0] ?? ''))];

test.each(folders)('%s has the same words in each language', (folder) => {
  const english = textsOf(folder, 'en');
  for (const language of LANGUAGES) {
    const texts = textsOf(folder, language);
    expect(missing(baseKeys(english), baseKeys(texts)), `${language} lacks`).toEqual([]);
    expect(missing(baseKeys(texts), baseKeys(english)), `only ${language} has`).toEqual([]);
    expect(lackingForms(texts, language), `${language} lacks plural forms`).toEqual([]);
    expect(emptyTexts(texts), `${language} has no text for`).toEqual([]);
  }
});

test.each(folders)('%s fills in the same values in each language', (folder) => {
  const english = valuesByKey(textsOf(folder, 'en'));
  for (const language of LANGUAGES) {
    expect(valuesByKey(textsOf(folder, language)), language).toEqual(english);
  }
});

test.each(
  Object.entries(SOURCES).filter(([path, text]) => text.includes('useTranslation(') && path !== ''),
)('%s uses words that there are', (_path, source) => {
  const own = namespaceOf(source);
  const unknown = usedKeys(source)
    .map(({ key, ns }) => ({ key, ns: ns ?? own }))
    .filter(({ key, ns }) => ns !== null && !isKnown(key, ns))
    .map(({ key, ns }) => `${ns ?? ''}:${key}`);
  expect(unknown).toEqual([]);
});

/** All texts of a folder, as `group.name` and their text. */
function textsOf(folder: string, language: Language): Map<string, string> {
  return new Map(flat(FILES[`${folder}/locales/${language}.json`] ?? {}, ''));
}

function flat(words: object, prefix: string): [string, string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string'
      ? [[prefix + key, value] as [string, string]]
      : flat(value as object, `${prefix}${key}.`),
  );
}

const baseKeys = (texts: Map<string, string>) =>
  new Set([...texts.keys()].map((key) => key.replace(PLURAL, '')));

const missing = (wanted: Set<string>, there: Set<string>) =>
  [...wanted].filter((key) => !there.has(key));

function lackingForms(texts: Map<string, string>, language: Language): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const counted = new Set(
    [...texts.keys()].filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, '')),
  );
  return [...counted]
    .flatMap((key) => forms.map((form) => `${key}_${form}`))
    .filter((key) => !texts.has(key));
}

const emptyTexts = (texts: Map<string, string>) =>
  [...texts].filter(([, text]) => text.trim() === '').map(([key]) => key);

/** Which values a text is given, by its key; the forms of a plural are one. */
function valuesByKey(texts: Map<string, string>): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  for (const [key, text] of texts) {
    const values = (found[key.replace(PLURAL, '')] ??= new Set());
    for (const match of text.matchAll(/\{\{\s*([\w.]+)[^}]*\}\}/g)) values.add(match[1] ?? '');
  }
  // "One card" needs no number, wherever a language says it so.
  return Object.fromEntries(
    Object.entries(found).map(([key, values]) => [key, [...values].sort()]),
  );
}

/** The namespace of a source: the first that it names; null where that is no literal. */
function namespaceOf(source: string): string | null {
  return /useTranslation\(\s*\[?\s*'([\w-]+)'/.exec(source)?.[1] ?? null;
}

/** What is asked for by a literal: `t('key')`, `t('key', { ns: 'other' })`, `t(a ? 'x' : 'y')`. */
function usedKeys(source: string): { key: string; ns?: string }[] {
  return [...source.matchAll(/(?<![\w.])t\(([^()]*?)(?:\)|\()/g)].flatMap((match) => {
    const call = match[1] ?? '';
    const ns = /\bns:\s*'([\w-]+)'/.exec(call)?.[1];
    const asked = (call.split(/,\s*\{/)[0] ?? '').replace(/`[^`]*`?/g, '');
    const keys = /^\s*'([^']+)'\s*,?\s*(?:\w+\s*)?$/.exec(asked)?.[1];
    const chosen = [...asked.matchAll(/[?:]\s*'([^']+)'/g)].map((one) => one[1] ?? '');
    return [...(keys === undefined ? [] : [keys]), ...chosen].map((key) =>
      ns === undefined ? { key } : { key, ns },
    );
  });
}

function isKnown(key: string, ns: string): boolean {
  const [namespace, name] = key.includes(':') ? key.split(':', 2) : [ns, key];
  const folder = folders.find((one) => one.endsWith(`/${namespace ?? ''}`));
  if (folder === undefined) return false;
  const english = textsOf(folder, 'en');
  return baseKeys(english).has(name ?? '') || english.has(name ?? '');
}
