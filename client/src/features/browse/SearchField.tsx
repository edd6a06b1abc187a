import { type KeyboardEvent, type Ref, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, Icon } from '@/shared/ui';

import type { GoTo } from './place';
import styles from './SearchField.module.css';
import type { SearchProblem } from './searchProblem';
import { ProblemNotice } from './SearchProblemNotice';

const PAUSE_MS = 250;

interface SearchFieldProps {
  q: string;
  goTo: GoTo;
  problem: SearchProblem | null;
  onHelp: () => void;
  ref?: Ref<HTMLInputElement>;
}

/** Looks for what is typed once the person pauses, at once with Enter. */
export function SearchField({ q, goTo, problem, onHelp, ref }: SearchFieldProps) {
  const { t } = useTranslation('browse');
  const id = useId();
  const { text, type, commit, endTyping } = useTypedSearch(q, goTo);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    commit();
    endTyping();
  };
  return (
    <div role="search" className={styles.root}>
      <div className={styles.line}>
        <div className={styles.box}>
          <Icon name="search" />
          <input
            ref={ref}
            type="search"
            className={styles.input}
            aria-label={t('search')}
            aria-invalid={problem ? true : undefined}
            aria-describedby={problem ? id : undefined}
            placeholder={t('searchHint')}
            autoCapitalize="none"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            enterKeyHint="search"
            maxLength={2000}
            value={text}
            onChange={(event) => type(event.target.value)}
            onKeyDown={onKeyDown}
            onBlur={endTyping}
          />
        </div>
        <Button icon="help" iconOnly kind="quiet" onClick={onHelp}>
          {t('help.title')}
        </Button>
      </div>
      <div id={id} aria-live="polite">
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </div>
  );
}

/** The text in the field, and the search that the address has: what is typed gets there later. */
function useTypedSearch(q: string, goTo: GoTo) {
  const [text, setText] = useState(q);
  const [seen, setSeen] = useState(q);
  const [sent, setSent] = useState(q);
  const isTyping = useRef(false);
  if (q !== seen) {
    setSeen(q);
    // Somebody else changed it: a filter, or the way back.
    if (q !== sent) {
      setSent(q);
      setText(q);
    }
  }

  const commit = () => {
    if (text === sent) return;
    setSent(text);
    // All that is typed in one go is one step on the way back.
    goTo({ q: text, page: 1 }, { replace: isTyping.current });
    isTyping.current = true;
  };
  const later = useRef(commit);
  useEffect(() => {
    later.current = commit;
  });
  useEffect(() => {
    const timer = setTimeout(() => later.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  const endTyping = () => {
    isTyping.current = false;
  };
  return { text, type: setText, commit, endTyping };
}
