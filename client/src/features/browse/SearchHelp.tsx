import { useTranslation } from 'react-i18next';

import { Dialog } from '@/shared/ui';

import styles from './SearchHelp.module.css';

/** The most useful searches by what they look for; {{word}} is one of the person's language. */
const GROUPS = {
  words: {
    word: '{{word}}',
    phrase: '"{{phrase}}"',
    or: '{{word}} or {{other}}',
    not: '-{{word}}',
    wildcard: '{{wildcard}}',
    whole: 'w:{{word}}',
    field: 'front:{{word}}*',
  },
  places: { deck: 'deck:current', tag: 'tag:{{tag}}', untagged: 'tag:none' },
  states: { due: 'is:due', new: 'is:new', suspended: 'is:suspended', flag: 'flag:1' },
  numbers: {
    interval: 'prop:ivl>=21',
    lapses: 'prop:lapses>3',
    ease: 'prop:ease<2',
    tomorrow: 'prop:due=1',
  },
  days: { added: 'added:7', edited: 'edited:1', rated: 'rated:1', failed: 'rated:7:1' },
  more: {
    accents: 'nc:{{plain}}',
    regex: 're:^.{1,3}$',
    brackets: '(is:due or is:new) tag:{{tag}}',
  },
} as const;

interface SearchHelpProps {
  onChoose: (search: string) => void;
  onClose: () => void;
}

/** What can be looked for; a click does it. */
export function SearchHelp({ onChoose, onClose }: SearchHelpProps) {
  const { t } = useTranslation('browse');
  const filled = (search: string) =>
    search.replace(/\{\{(\w+)\}\}/g, (_, name: string) => t(`help.examples.${name}`));
  return (
    <Dialog title={t('help.title')} onClose={onClose}>
      <p className={styles.intro}>{t('help.intro')}</p>
      {Object.entries(GROUPS).map(([group, searches]) => (
        <section key={group} className={styles.group}>
          <h3>{t(`help.groups.${group}`)}</h3>
          <ul>
            {Object.entries(searches).map(([name, search]) => (
              <li key={name}>
                <button
                  type="button"
                  className={styles.example}
                  onClick={() => onChoose(filled(search))}
                >
                  <code className={styles.search}>{filled(search)}</code>
                  <span>{t(`help.searches.${name}`)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Dialog>
  );
}
