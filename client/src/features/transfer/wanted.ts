/** What is to be done with a file, as the service takes it. */
import type { components } from '@/shared/api/schema';

type Body = components['schemas']['ImportBody'];

export type PackageOptions = Pick<
  Body,
  'with_scheduling' | 'with_deck_configs' | 'update_notes' | 'update_notetypes' | 'merge_notetypes'
>;
/** Only what the person has chosen: all else is as the file and Anki have it. */
export type TextOptions = Partial<
  Pick<
    Body,
    | 'delimiter'
    | 'is_html'
    | 'has_names_row'
    | 'notetype_id'
    | 'deck_id'
    | 'field_columns'
    | 'tags_column'
    | 'guid_column'
    | 'tags'
    | 'if_matches'
    | 'match_scope'
  >
>;
export type Wanted = Partial<PackageOptions> & TextOptions & Partial<Pick<Body, 'mode'>>;

/** What merging a package begins with. */
export const PACKAGE_OPTIONS: PackageOptions = {
  with_scheduling: true,
  with_deck_configs: true,
  update_notes: 'if_newer',
  update_notetypes: 'if_newer',
  merge_notetypes: false,
};

/** In a query lists are JSON text. */
export function asQuery(wanted: Wanted): Record<string, string | number | boolean> {
  const query: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(wanted)) {
    if (Array.isArray(value)) query[name] = JSON.stringify(value);
    else if (value !== null) query[name] = value;
  }
  return query;
}
