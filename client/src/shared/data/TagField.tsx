import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/shared/ui';

import styles from './TagField.module.css';
import { endsTag, suggestedTags, withTag, withTags } from './tagList';
import { tagsQuery } from './tags';

interface TagFieldProps {
  label?: string;
  hint?: ReactNode;
  error?: string | undefined;
  tags: readonly string[];
  onChange: (tags: string[]) => void;
}

const MAX_SUGGESTIONS = 8;

/** Tags, each a word, as they are written one after another; those that exist are suggested. */
export function TagField({ label, hint, error, tags, onChange }: TagFieldProps) {
  const { t } = useTranslation('data');
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const suggestions = useSuggestions(text, tags);
  const isOpen = suggestions.length > 0;

  const take = (all: string[]) => {
    onChange(all);
    setText('');
    setChosen(-1);
  };
  const type = (written: string) => {
    setChosen(-1);
    if (endsTag(written)) take(withTags(tags, written));
    else setText(written);
  };
  const takeWritten = () => {
    const suggested = suggestions[chosen];
    if (suggested !== undefined) take(withTag(tags, suggested));
    else if (text !== '') take(withTags(tags, text));
    else return false;
    return true;
  };
  const move = (by: number) =>
    setChosen(((chosen + 1 + by + suggestions.length + 1) % (suggestions.length + 1)) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Backspace' && text === '' && tags.length > 0) onChange(tags.slice(0, -1));
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) takeWritten();
    else if (takesKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const takesKey = ({ key }: KeyboardEvent) => {
    if (key === 'Enter') return takeWritten();
    if (key === 'Escape' && text !== '') type('');
    else if (key === 'ArrowDown' && isOpen) move(1);
    else if (key === 'ArrowUp' && isOpen) move(-1);
    else return false;
    return true;
  };

  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label ?? t('tags.label')}
      </label>
      <div className={styles.box}>
        <Chips
          tags={tags}
          onRemove={(tag) => {
            onChange(tags.filter((one) => one !== tag));
            input.current?.focus();
          }}
        />
        <input
          ref={input}
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
          onBlur={() => text && take(withTags(tags, text))}
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
            onClick={() => take(withTag(tags, name))}
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

interface ChipsProps {
  tags: readonly string[];
  onRemove: (tag: string) => void;
}

function Chips({ tags, onRemove }: ChipsProps) {
  const { t } = useTranslation('data');
  if (tags.length === 0) return null;
  return (
    <ul className={styles.chips}>
      {tags.map((tag) => (
        <li key={tag} className={styles.chip}>
          <span className={styles.name}>{tag}</span>
          <Button kind="quiet" icon="close" iconOnly onClick={() => onRemove(tag)}>
            {t('tags.remove', { tag })}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function useSuggestions(text: string, tags: readonly string[]): string[] {
  const { data = [] } = useQuery(tagsQuery);
  if (text === '') return [];
  const known = data.map(({ name }) => name);
  return suggestedTags(known, text, tags, MAX_SUGGESTIONS);
}
