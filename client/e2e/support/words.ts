/** What the interface says, from the files that it has its words from. */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { CLIENT } from './places';

export type Language = 'en' | 'es' | 'pt-BR';

interface Texts {
  [key: string]: string | Texts;
}

/** `say('study', 'ratings.good')` is what that button is called; `{{name}}` is filled in. */
export type Say = (
  namespace: string,
  key: string,
  values?: Record<string, string | number>,
) => string;

export function wordsOf(language: Language): Say {
  const source = join(CLIENT, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(`/locales/${language}.json`))
    .map((path) => join(source, path));
  const folders = new Map(
    files.map((path) => [
      basename(dirname(dirname(path))),
      JSON.parse(readFileSync(path, 'utf8')) as Texts,
    ]),
  );
  return (namespace, key, values = {}) => {
    const text = key
      .split('.')
      .reduce<Texts | string | undefined>(
        (texts, part) => (typeof texts === 'object' ? texts[part] : undefined),
        folders.get(namespace),
      );
    if (typeof text !== 'string') throw new Error(`${language} has no ${namespace}:${key}.`);
    return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => String(values[name] ?? ''));
  };
}
