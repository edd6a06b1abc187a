import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { tagsQuery } from '@/shared/data/tags';
import { Button, TextField } from '@/shared/ui';

import styles from './editor.module.css';
import { suggestedTags, withTags } from './tagList';

interface TagInputProps {
  tags: readonly string[];
  onChange: (tags: string[]) => void;
}

const MAX_SUGGESTIONS = 30;

/** Tags as pieces that can be taken away, and a field that suggests known ones. */
export function TagInput({ tags, onChange }: TagInputProps) {
  const { t } = useTranslation('editor');
  const { data } = useQuery(tagsQuery);
  const [typed, setTyped] = useState('');
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const known = useMemo(() => (data ?? []).map((tag) => tag.name), [data]);
  const take = (text: string) => {
    if (text.trim()) onChange(withTags(tags, text));
    setTyped('');
  };
  const onType = (text: string) => {
    // A blank or a comma ends a tag, and so does the choice of a suggestion.
    if (/[\s,，、]$/u.test(text) || (known.includes(text) && text.length > typed.length + 1))
      take(text);
    else setTyped(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      take(typed);
    } else if (event.key === 'Backspace' && typed === '' && tags.length > 0) {
      onChange(tags.slice(0, -1));
    }
  };
  return (
    <div className={styles.tags}>
      <TextField
        ref={input}
        label={t('tags')}
        hint={t('tagsHint')}
        list={listId}
        autoCapitalize="none"
        autoComplete="off"
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => take(typed)}
      />
      <datalist id={listId}>
        {suggestedTags(known, typed, tags, MAX_SUGGESTIONS).map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      {tags.length > 0 && (
        <ul className={styles.chips} aria-label={t('tags')}>
          {tags.map((tag) => (
            <li key={tag} className={styles.chip}>
              <span>{tag}</span>
              <Button
                kind="quiet"
                icon="close"
                iconOnly
                onClick={() => {
                  onChange(tags.filter((one) => one !== tag));
                  input.current?.focus();
                }}
              >
                {t('removeTag', { tag })}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
