/** Which files can be imported, and how they get to the service. */

export const FORMATS = ['apkg', 'colpkg', 'anki2', 'csv', 'tsv', 'txt'] as const;
export type FileFormat = (typeof FORMATS)[number];

/** What a file input lets people choose. */
export const ACCEPTED = FORMATS.map((format) => `.${format}`).join(',');
/** What is not larger goes with the request itself. */
export const DIRECT_BYTES = 4 * 1024 * 1024;

const TEXT: readonly FileFormat[] = ['csv', 'tsv', 'txt'];
const WHOLE: readonly FileFormat[] = ['colpkg', 'anki2'];
/** So much of a text file says how it is written. */
const HEAD_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** By the end of a file's name; null for what is no file of ours. */
export function formatOf(name: string): FileFormat | null {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  return FORMATS.find((format) => format === ending) ?? null;
}

export function isText(format: FileFormat): boolean {
  return TEXT.includes(format);
}

/** Whether it holds a whole collection, which can take the place of one's own. */
export function isWhole(format: FileFormat): boolean {
  return WHOLE.includes(format);
}

export function wayFor(bytes: number): 'direct' | 'upload' {
  return bytes <= DIRECT_BYTES ? 'direct' : 'upload';
}

/** The beginning of a long text file, up to the end of a line; a short one as it is. */
export async function headOf(file: File): Promise<Blob> {
  if (file.size <= DIRECT_BYTES) return file;
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const end = bytes.lastIndexOf(NEWLINE);
  return new Blob([end > 0 ? bytes.slice(0, end + 1) : bytes]);
}
