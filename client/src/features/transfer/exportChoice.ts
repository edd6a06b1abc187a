/** What can be taken out, and in which form. */

export const SCOPES = ['all', 'deck', 'search'] as const;
export type Scope = (typeof SCOPES)[number];
export const EXPORT_FORMATS = ['colpkg', 'apkg', 'anki2', 'notes_txt', 'cards_txt', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORT_OPTIONS = [
  'scheduling',
  'presets',
  'media',
  'legacy',
  'html',
  'guarded',
] as const;
export type ExportOption = (typeof EXPORT_OPTIONS)[number];

export interface ExportChoice {
  scope: Scope;
  format: ExportFormat;
  deckId: number | null;
  search: string;
  /** Only what the person has chosen. */
  options: Partial<Record<ExportOption, boolean>>;
}

const WHOLE_ONLY: readonly ExportFormat[] = ['colpkg', 'anki2'];
const OPTIONS: Record<ExportFormat, readonly ExportOption[]> = {
  colpkg: ['media', 'legacy'],
  apkg: ['scheduling', 'presets', 'media', 'legacy'],
  anki2: [],
  notes_txt: ['html'],
  cards_txt: ['html'],
  csv: ['html', 'guarded'],
};

export function formatsOf(scope: Scope): readonly ExportFormat[] {
  return EXPORT_FORMATS.filter((format) => scope === 'all' || !WHOLE_ONLY.includes(format));
}

export function optionsOf(format: ExportFormat): readonly ExportOption[] {
  return OPTIONS[format];
}

/** Another scope, and another format where the present one is not for it. */
export function withScope(choice: ExportChoice, scope: Scope): ExportChoice {
  const format = formatsOf(scope).includes(choice.format) ? choice.format : 'apkg';
  return { ...choice, scope, format };
}

/** As chosen, else as the service has it: a deck is for others, and its cards are new then. */
export function optionValue(choice: ExportChoice, option: ExportOption): boolean {
  const chosen = choice.options[option];
  if (chosen !== undefined) return chosen;
  switch (option) {
    case 'scheduling':
      return choice.scope !== 'deck';
    case 'presets':
      return optionValue(choice, 'scheduling');
    case 'html':
      return choice.format !== 'csv';
    case 'legacy':
      return false;
    case 'media':
    case 'guarded':
      return true;
  }
}

/** Whether enough is chosen to begin. */
export function isComplete({ scope, deckId, search }: ExportChoice): boolean {
  if (scope === 'deck') return deckId !== null;
  return scope === 'all' || search.trim() !== '';
}

export function exportQuery(choice: ExportChoice): Record<string, string | number | boolean> {
  const { scope, format, deckId, search } = choice;
  return {
    format,
    ...(scope === 'deck' && deckId !== null && { deck_id: deckId }),
    ...(scope === 'search' && { q: search.trim() }),
    ...Object.fromEntries(optionsOf(format).map((option) => [option, optionValue(choice, option)])),
  };
}
