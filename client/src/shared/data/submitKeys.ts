import type { KeyboardEvent } from 'react';

/** Ctrl+Enter submits a form, wherever the cursor is; Enter alone, in a field of one line, does not. */
export function submitByKeys(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== 'Enter') return;
  const isWanted = event.ctrlKey || event.metaKey;
  if (isWanted || event.target instanceof HTMLInputElement) event.preventDefault();
  if (!isWanted) return;
  const form = event.currentTarget;
  // First whoever has the focus takes what was typed there.
  setTimeout(() => form.requestSubmit());
}
