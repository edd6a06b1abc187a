/** Carries an edit out in a text area. */
import { flushSync } from 'react-dom';

import { type TextEdit, applied } from './textEdits';

export function editArea(
  area: HTMLTextAreaElement,
  edit: TextEdit,
  onChange: (value: string) => void,
): void {
  area.focus();
  area.setSelectionRange(edit.start, edit.end);
  const value = applied(area.value, edit);
  if (!insertLikeTyping(edit.text)) flushSync(() => onChange(value));
  area.setSelectionRange(...edit.select);
}

/** There is no other way that leaves the browser's own undo as it was. */
function insertLikeTyping(text: string): boolean {
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    return document.execCommand('insertText', false, text);
  } catch {
    return false;
  }
}
