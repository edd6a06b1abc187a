import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/shared/ui';

import { tagsQuery } from './tags';
import styles from './TagField.module.css';

interface TagFieldProps {
  label?: string;
  hint?: ReactNode;
  error?: string | undefined;
  tags: readonly string[];
  onChange: (tags: string[]) => void;
}

const MAX_SUGGESTIONS = 8;
const PARTS = /[\s\u3000]+/;

/** Tags, each a word, as they are written one after another; those that exist are suggested. */
export function TagField({ label, hint, error, tags, onChange }: TagFieldProps) {
  const { t } = useTranslation('data');
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(-1);
  const suggestions = useSuggestions(text, tags);
  const isOpen = suggestions.length > 0;

  const add = (written: string) => {
    onChange(withTags(tags, written));
    setText('');
    setChosen(-1);
  };
  const type = (written: string) => {
    setChosen(-1);
    if (PARTS.test(written)) add(written);
    else setText(written);
  };
  const move = (by: number) =>
    setChosen(((chosen + 1 + by + suggestions.length + 1) % (suggestions.length + 1)) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const written = suggestions[chosen] ?? text;
    if (event.key === 'Backspace' && text === '') onChange(tags.slice(0, -1));
    else if (event.key === 'Escape' && text !== '') type('');
    else if (event.key === 'Enter' && written !== '' && !event.ctrlKey) add(written);
    else if (event.key === 'ArrowDown' && isOpen) move(1);
    else if (event.key === 'ArrowUp' && isOpen) move(-1);
    else return;
    if (event.key !== 'Backspace') {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label ?? t('tags.label')}
      </label>
      <div className={styles.box}>
        <Chips tags={tags} onChange={onChange} />
        <input
          id={id}
          className={styles.input}
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen < 0 ? undefined : `${id}-${chosen}`}
          aria-describedby={error ? `${id}-error` : `${id}-hint`}
          aria-invalid={error ? true : undefined}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={() => text && add(text)}
        />
      </div>
      <ul
        id={`${id}-list`}
        role="listbox"
        aria-label={t('tags.suggestions')}
        className={styles.suggestions}
        hidden={!isOpen}
      >
        {suggestions.map((name, index) => (
          <li
            key={name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={styles.suggestion}
            // The field keeps the focus, so that one can go on writing.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => add(name)}
          >
            {name}
          </li>
        ))}
      </ul>
      {error ? (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      ) : (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint ?? t('tags.hint')}
        </p>
      )}
    </div>
  );
}

function Chips({ tags, onChange }: Pick<TagFieldProps, 'tags' | 'onChange'>) {
  const { t } = useTranslation('data');
  if (tags.length === 0) return null;
  return (
    <ul className={styles.chips}>
      {tags.map((tag) => (
        <li key={tag} className={styles.chip}>
          <span className={styles.name}>{tag}</span>
          <Button
            kind="quiet"
            icon="close"
            iconOnly
            onClick={() => onChange(tags.filter((one) => one !== tag))}
          >
            {t('tags.remove', { tag })}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** With what was written, each tag once whatever its case. */
export function withTags(tags: readonly string[], written: string): string[] {
  const all = [...tags];
  for (const tag of written.split(PARTS)) {
    if (tag && !all.some((one) => sameTag(one, tag))) all.push(tag);
  }
  return all;
}

/** First the tags that begin so, then those that have it somewhere. */
export function suggestionsFor(text: string, known: readonly string[], tags: readonly string[]) {
  const wanted = text.toLowerCase();
  if (!wanted) return [];
  const found = known.filter(
    (name) => name.toLowerCase().includes(wanted) && !tags.some((tag) => sameTag(tag, name)),
  );
  const begins = (name: string) => name.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((name) => !begins(name))].slice(
    0,
    MAX_SUGGESTIONS,
  );
}

function useSuggestions(text: string, tags: readonly string[]): string[] {
  const { data = [] } = useQuery(tagsQuery);
  return suggestionsFor(
    text,
    data.map(({ name }) => name),
    tags,
  );
}

function sameTag(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
