import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

type Schemas = components['schemas'];

export type DeckOptions = Schemas['DeckOptions'];
export type Preset = Schemas['Preset'];

/** The one that cannot be deleted. */
export const DEFAULT_PRESET = 1;

const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });

export const presetsQuery = queryOptions({
  queryKey: ['presets'],
  queryFn: async () => {
    const answer = await http.get<Schemas['PresetsAnswer']>('/api/options');
    return answer.data.presets;
  },
});

export async function addPreset(name: string, copyOf: number | null, key: string): Promise<number> {
  const body = { name, ...(copyOf === null ? {} : { copy_of: copyOf }) };
  const answer = await http.post<Schemas['NewPresetAnswer']>('/api/options', body, keyed(key));
  return answer.data.options_id;
}

export async function changePreset(
  presetId: number,
  changes: Record<string, unknown>,
  key: string,
): Promise<void> {
  await http.put(`/api/options/${presetId}`, changes, keyed(key));
}

export async function deletePreset(presetId: number, key: string): Promise<void> {
  await http.delete(`/api/options/${presetId}`, keyed(key));
}
