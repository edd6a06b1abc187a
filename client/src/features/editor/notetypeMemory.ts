/** Which notetype was last used for a deck, on this device. */
import { currentSession } from '@/shared/api/session';
import type { Notetype } from '@/shared/data/notetypes';

const LAST = 'last';
const key = () => `javumbo.notetypes.${currentSession()?.username ?? ''}`;

export function rememberNotetype(deckId: number, notetypeId: number): void {
  const memory = { ...stored(), [deckId]: notetypeId, [LAST]: notetypeId };
  localStorage.setItem(key(), JSON.stringify(memory));
}

/** The one for a deck, else the one that was used last, else the simplest with two sides. */
export function notetypeFor(deckId: number, notetypes: readonly Notetype[]): Notetype | undefined {
  const memory = stored();
  const byId = (id: unknown) => notetypes.find((one) => one.id === id);
  return (
    byId(memory[deckId]) ??
    byId(memory[LAST]) ??
    notetypes.find((one) => one.kind === 'standard' && one.fields.length === 2) ??
    notetypes[0]
  );
}

function stored(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key()) ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
