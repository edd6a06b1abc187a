import type { Words } from '../languages';

/** Words by the name of the folder over `locales/`. */
export function byFolder(files: Record<string, object>): Words {
  return Object.fromEntries(
    Object.entries(files).map(([path, words]) => [path.split('/').at(-3) ?? '', words]),
  );
}
