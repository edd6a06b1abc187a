/** Where things lie. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const CLIENT = resolve(import.meta.dirname, '../..');
export const ROOT = resolve(CLIENT, '..');
export const DECKS = join(ROOT, 'tests/data');

/** The Python of the environment that `make test` sets up; PYTHON chooses another. */
export function python(): string {
  const own = join(ROOT, '.venv/bin/python');
  return process.env['PYTHON_OF_TESTS'] ?? (existsSync(own) ? own : 'python3');
}

export function requireBuild(): void {
  if (existsSync(join(CLIENT, 'dist/index.html'))) return;
  throw new Error('The web client is not built: type `npm run build` first.');
}
