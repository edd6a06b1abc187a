import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Link, type LinkProps } from 'react-router';

import styles from './Button.module.css';
import { Icon, type IconName } from './Icon';
import { Spinner } from './Spinner';

interface Look {
  kind?: 'primary' | 'secondary' | 'quiet' | 'danger' | undefined;
  icon?: IconName | undefined;
  /** Shows the icon alone; the text is still its name. */
  iconOnly?: boolean | undefined;
  wide?: boolean | undefined;
}

type ButtonProps = Look &
  ButtonHTMLAttributes<HTMLButtonElement> & {
    /** At work: cannot be pressed again, and says so. */
    busy?: boolean | undefined;
    ref?: Ref<HTMLButtonElement>;
  };

export function Button({ kind, icon, iconOnly, wide, busy, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={className({ kind, iconOnly, wide })}
      aria-busy={busy}
      aria-disabled={busy ? true : undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
      title={iconOnly ? nameOf(children) : rest.title}
    >
      {busy ? <Spinner small /> : icon && <Icon name={icon} />}
      <Label iconOnly={iconOnly}>{children}</Label>
    </button>
  );
}

type LinkButtonProps = Look & LinkProps;

export function LinkButton({ kind, icon, iconOnly, wide, children, ...rest }: LinkButtonProps) {
  return (
    <Link
      {...rest}
      className={className({ kind, iconOnly, wide })}
      title={iconOnly ? nameOf(children) : rest.title}
    >
      {icon && <Icon name={icon} />}
      <Label iconOnly={iconOnly}>{children}</Label>
    </Link>
  );
}

function Label({ iconOnly, children }: { iconOnly?: boolean | undefined; children: ReactNode }) {
  return <span className={iconOnly ? 'visually-hidden' : styles.label}>{children}</span>;
}

function className({ kind = 'secondary', iconOnly, wide }: Look): string {
  return [styles.button, styles[kind], iconOnly && styles.iconOnly, wide && styles.wide]
    .filter(Boolean)
    .join(' ');
}

function nameOf(children: ReactNode): string | undefined {
  return typeof children === 'string' ? children : undefined;
}
