import { type ReactNode, useId } from 'react';

import styles from './fields.module.css';

interface Choice<T extends string> {
  value: T;
  label: string;
  hint?: ReactNode;
  disabled?: boolean;
}

interface RadioGroupProps<T extends string> {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  /** Beside each other, where there is room. */
  inline?: boolean;
  onChange: (value: T) => void;
}

/** One of a few, all in sight, each with a sentence about it. */
export function RadioGroup<T extends string>(props: RadioGroupProps<T>) {
  const { label, value, choices, inline = false, onChange } = props;
  const name = useId();
  return (
    <fieldset>
      <legend className={styles.legend}>{label}</legend>
      <div className={inline ? styles.inlineChoices : undefined}>
        {choices.map((choice) => (
          <div key={choice.value} className={styles.choice}>
            <label className={styles.checkbox}>
              <input
                type="radio"
                name={name}
                checked={choice.value === value}
                disabled={choice.disabled}
                aria-describedby={choice.hint ? `${name}-${choice.value}` : undefined}
                onChange={() => onChange(choice.value)}
              />
              <span>{choice.label}</span>
            </label>
            {choice.hint && (
              <p id={`${name}-${choice.value}`} className={styles.choiceHint}>
                {choice.hint}
              </p>
            )}
          </div>
        ))}
      </div>
    </fieldset>
  );
}
