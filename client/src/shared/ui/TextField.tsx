import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type TextareaHTMLAttributes,
  useId,
} from 'react';

import styles from './fields.module.css';

interface Framing {
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value; empty or undefined when nothing is. */
  error?: string | undefined;
  hideLabel?: boolean | undefined;
}

type TextFieldProps = Framing &
  InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

export function TextField({ label, hint, error, hideLabel, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <input {...rest} id={id} className={styles.control} {...describedBy(id, hint, error)} />
    </FieldFrame>
  );
}

type TextAreaProps = Framing &
  TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> };

export function TextArea({ label, hint, error, hideLabel, ...rest }: TextAreaProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        className={styles.control}
        {...describedBy(id, hint, error)}
      />
    </FieldFrame>
  );
}

/** A label over a control, and under it what helps or what is wrong. */
export function FieldFrame(props: Framing & { id: string; children: ReactNode }) {
  const { id, label, hint, error, hideLabel, children } = props;
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      {children}
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      )}
      {hint && !error && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function describedBy(id: string, hint: ReactNode, error: string | undefined) {
  if (error) return { 'aria-invalid': true, 'aria-describedby': `${id}-error` };
  return hint ? { 'aria-describedby': `${id}-hint` } : {};
}
