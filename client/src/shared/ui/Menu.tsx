import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { Button } from './Button';
import { Icon, type IconName } from './Icon';
import styles from './Menu.module.css';

interface MenuProps {
  label: string;
  icon?: IconName;
  /** Shows the label beside the icon. */
  showLabel?: boolean;
  children: ReactNode;
}

/** A button that opens a list of actions; arrows move in it, Escape closes it. */
export function Menu({ label, icon = 'more', showLabel = false, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    // The last one first, so that all of a long menu is scrolled into sight.
    items(root.current).at(-1)?.focus();
    items(root.current)[0]?.focus();
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    event.stopPropagation();
    if (event.key === 'Escape') {
      setOpen(false);
      button.current?.focus();
    } else if (event.key === 'Tab') {
      setOpen(false);
    } else {
      moveFocus(event, items(root.current));
    }
  };

  return (
    <div className={styles.root} ref={root} onKeyDown={onKeyDown}>
      <Button
        ref={button}
        kind="quiet"
        icon={icon}
        iconOnly={!showLabel}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {label}
      </Button>
      {open && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          className={styles.menu}
          onClick={() => {
            setOpen(false);
            button.current?.focus();
          }}
        >
          {children}
        </div>
      )}
    </div>
  );
}

interface MenuItemProps {
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, danger, disabled, onSelect, children }: MenuItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      disabled={disabled}
      className={danger ? `${styles.item ?? ''} ${styles.danger ?? ''}` : styles.item}
      onClick={onSelect}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

function items(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)') ?? [])];
}

function moveFocus(event: KeyboardEvent, all: HTMLElement[]): void {
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all.at(to % all.length)?.focus();
}
