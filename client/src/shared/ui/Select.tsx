import { type ReactNode, type SelectHTMLAttributes, useId } from 'react';

import styles from './fields.module.css';
import { FieldFrame, describedBy } from './TextField';

interface Option {
  value: string;
  label: string;
}

type SelectProps = Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange'> & {
  label: string;
  options: readonly Option[];
  hint?: ReactNode;
  error?: string | undefined;
  hideLabel?: boolean;
  onChange: (value: string) => void;
};

export function Select({ label, options, hint, error, hideLabel, onChange, ...rest }: SelectProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel}>
      <select
        {...rest}
        id={id}
        className={styles.control}
        onChange={(event) => onChange(event.target.value)}
        {...describedBy(id, hint, error)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
