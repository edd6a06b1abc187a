/** What becomes of the columns of a text file. Columns count from 1; 0 is none. */
import type { TextPreview } from './api';
import type { FileFormat } from './files';
import type { TextOptions } from './wanted';

export type ColumnUse =
  | { kind: 'field'; name: string }
  | { kind: 'tags' | 'deck' | 'notetype' | 'guid' | 'fieldOfRow' | 'nothing' };

export function columnUses(preview: TextPreview, fields: readonly string[]): ColumnUse[] {
  return preview.columns.map((_, index) => purposeOf(index + 1, preview, fields));
}

function purposeOf(column: number, preview: TextPreview, fields: readonly string[]): ColumnUse {
  if (column === preview.tags_column) return { kind: 'tags' };
  if (column === preview.deck_column) return { kind: 'deck' };
  if (column === preview.notetype_column) return { kind: 'notetype' };
  if (column === preview.guid_column) return { kind: 'guid' };
  // Which fields there are depends on the notetype of each row.
  if (!preview.field_columns) return { kind: 'fieldOfRow' };
  const names = fields.filter((_, index) => preview.field_columns?.[index] === column);
  return names.length > 0 ? { kind: 'field', name: names.join(', ') } : { kind: 'nothing' };
}

/** The columns of the fields, with another one for one of them. */
export function withFieldColumn(
  fieldColumns: readonly number[],
  field: number,
  column: number,
): number[] {
  return fieldColumns.map((one, index) => (index === field ? column : one));
}

/** Other fields have other columns. */
export function withNotetype(options: TextOptions, notetypeId: number | null): TextOptions {
  return { ...options, notetype_id: notetypeId, field_columns: null };
}

/** Other columns altogether. */
export function withDelimiter(
  options: TextOptions,
  delimiter: TextPreview['delimiter'],
): TextOptions {
  return { ...options, delimiter, field_columns: null, tags_column: null, guid_column: null };
}

export function tagsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

/** What separates the columns of a spreadsheet's file: in many countries it is no comma. */
const OF_SPREADSHEETS = [
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
] as const;

/** What to begin with where the kind of file says more than its text; a header line says it all. */
export function firstOptions(format: FileFormat, head: string): TextOptions {
  if (head.startsWith('#') || head.startsWith('\ufeff#')) return {};
  if (format === 'tsv') return { delimiter: 'tab' };
  if (format !== 'csv') return {};
  const line = (head.split(/\r?\n/, 1)[0] ?? '').replace(/"[^"]*"/g, '');
  const counts = OF_SPREADSHEETS.map(([name, sign]) => ({ name, n: line.split(sign).length - 1 }));
  const most = counts.reduce((best, one) => (one.n > best.n ? one : best));
  return most.n > 0 ? { delimiter: most.name } : {};
}

/** What was understood, with what was chosen since: a choice is seen at once. */
export function withChosen(preview: TextPreview, options: TextOptions): TextPreview {
  const chosen = Object.entries(options).filter(([, value]) => value !== null);
  const shown = { ...preview, ...(Object.fromEntries(chosen) as Partial<TextPreview>) };
  // What was chosen for all goes before what a row says.
  if (options.deck_id) shown.deck_column = 0;
  if (options.notetype_id) shown.notetype_column = 0;
  return shown;
}
