import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/errors';
import type { Notetype } from '@/shared/data/notetypes';

import { plainText } from './fieldText';
import { CLOZE_EXAMPLE } from './textEdits';

const PREFIX = 'fields.';

/** What is wrong with a note, by field, before the service is asked. */
export function useProblems() {
  const { t } = useTranslation('editor');
  return useCallback(
    (notetype: Pick<Notetype, 'fields' | 'kind'>, html: readonly string[]) => {
      const first = notetype.fields[0]?.name ?? '';
      if (isEmpty(html[0] ?? '')) return { [first]: t('firstEmpty') };
      if (notetype.kind === 'cloze' && !html.some((one) => /\{\{c\d+::/.test(one))) {
        return { [first]: t('noClozeYet', { example: CLOZE_EXAMPLE }) };
      }
      return {};
    },
    [t],
  );
}

/** What the service found wrong, by field. */
export function serviceProblems(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    Object.entries(error.fields)
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, reason]) => [name.slice(PREFIX.length), reason]),
  );
}

/** Pictures and sounds are content too. */
function isEmpty(html: string): boolean {
  return plainText(html) === '' && !/<img\b|\[sound:/i.test(html);
}
