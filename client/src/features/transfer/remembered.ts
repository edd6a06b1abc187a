/** Imports that the service goes on with, remembered on this device by whose they are. */
import { type FileFormat, formatOf } from './files';

export interface RememberedImport {
  importId: string;
  name: string;
  size: number;
  format: FileFormat;
}

const key = (username: string) => `javumbo.imports.${username}`;

export function rememberedImports(username: string): RememberedImport[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key(username)) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isRemembered) : [];
  } catch {
    return [];
  }
}

export function remember(username: string, one: RememberedImport): void {
  const others = rememberedImports(username).filter(({ importId }) => importId !== one.importId);
  save(username, [...others, one]);
}

export function forget(username: string, importId: string): void {
  const all = rememberedImports(username);
  save(
    username,
    all.filter((one) => one.importId !== importId),
  );
}

function save(username: string, all: readonly RememberedImport[]): void {
  if (all.length > 0) localStorage.setItem(key(username), JSON.stringify(all));
  else localStorage.removeItem(key(username));
}

function isRemembered(value: unknown): value is RememberedImport {
  if (typeof value !== 'object' || value === null) return false;
  const { importId, name, size, format } = value as Record<string, unknown>;
  return (
    typeof importId === 'string' &&
    typeof name === 'string' &&
    typeof size === 'number' &&
    formatOf(`.${String(format)}`) === format
  );
}
