import type { KeyboardEvent } from 'react';

/** Ctrl+Enter submits a form, wherever the cursor is. */
export function submitByKeys(event: KeyboardEvent<HTMLFormElement>): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const form = event.currentTarget;
  // First whoever has the focus takes what was typed there.
  setTimeout(() => form.requestSubmit());
}
