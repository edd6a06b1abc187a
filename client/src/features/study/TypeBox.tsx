import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { TextField } from '@/shared/ui';

import type { TypedAnswer } from './api';

interface TypeBoxProps {
  asked: TypedAnswer;
  value: string;
  onChange: (value: string) => void;
  onDone: () => void;
}

/** Where the answer is typed, in the font of its field. */
export function TypeBox({ asked, value, onChange, onDone }: TypeBoxProps) {
  const { t } = useTranslation('study');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus({ preventScroll: true });
  }, []);
  return (
    <TextField
      ref={input}
      label={t('typeAnswer')}
      hideLabel
      placeholder={t('typeAnswer')}
      autoComplete="off"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      enterKeyHint="done"
      style={{ fontFamily: asked.font, fontSize: Math.min(Math.max(asked.size, 16), 32) }}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        // Enter also ends what an input method composes.
        if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.repeat) return;
        event.preventDefault();
        onDone();
      }}
    />
  );
}
