import { queryOptions } from '@tanstack/react-query';
import type { AxiosRequestConfig } from 'axios';

import { http } from '@/shared/api/http';
import type { components } from '@/shared/api/schema';

import { type FileFormat, headOf } from './files';
import { type TextOptions, type Wanted, asQuery } from './wanted';

export type ImportReport = components['schemas']['ImportReport'];
export type ImportJob = components['schemas']['ImportAnswer'];
export type TextPreview = components['schemas']['TextPreview'];
export type UploadOffer = Pick<
  components['schemas']['UploadOfferAnswer'],
  'upload_id' | 'url' | 'method' | 'fields'
>;

export interface Watching {
  signal: AbortSignal;
  onSent: (done: number, total: number) => void;
}

const BYTES = { 'Content-Type': 'application/octet-stream' };
/** The service imports for a while before it answers. */
const IMPORT_TIMEOUT_MS = 5 * 60_000;

/** Import a small file with one request; the same `key` never imports it twice. */
export async function importDirectly(
  file: File,
  wanted: Wanted & { format: FileFormat },
  key: string,
  { signal, onSent }: Watching,
): Promise<ImportReport> {
  const answer = await http.post<ImportReport>('/api/import', file, {
    params: asQuery(wanted),
    headers: { ...BYTES, 'Idempotency-Key': key },
    timeout: IMPORT_TIMEOUT_MS,
    signal,
    onUploadProgress: ({ loaded, total }) => onSent(loaded, total ?? file.size),
  });
  return answer.data;
}

export async function offerUpload(
  file: File,
  format: FileFormat,
  signal: AbortSignal,
): Promise<UploadOffer> {
  const body = { bytes: file.size, format };
  return (await http.post<UploadOffer>('/api/uploads', body, { signal })).data;
}

export async function upload(
  offer: UploadOffer,
  file: File,
  { signal, onSent }: Watching,
): Promise<void> {
  await http.request({
    ...uploadRequest(offer, file),
    timeout: 0,
    signal,
    onUploadProgress: ({ loaded, total }) => onSent(loaded, total ?? file.size),
  });
}

/** As the body of a PUT, or in a POST's form: first its fields, at the end the file. */
export function uploadRequest(
  { url, method, fields }: UploadOffer,
  file: File,
): AxiosRequestConfig {
  if (method === 'PUT') return { url, method, data: file, headers: BYTES };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file);
  return { url, method, data: form };
}

/** Asked again for the same upload it is the same import. */
export async function startImport(
  uploadId: string,
  wanted: Wanted & { format: FileFormat },
): Promise<ImportJob> {
  const body = { upload_id: uploadId, ...wanted };
  const config = { timeout: IMPORT_TIMEOUT_MS };
  return (await http.post<ImportJob>('/api/imports', body, config)).data;
}

export async function fetchImport(importId: string): Promise<ImportJob> {
  return (await http.get<ImportJob>(`/api/imports/${importId}`)).data;
}

/** What is understood of a text file; `id` stands for the file. */
export function previewQuery(id: string, file: File, options: TextOptions) {
  return queryOptions({
    queryKey: ['importPreview', id, options],
    queryFn: async ({ signal }) => {
      const config = { params: asQuery(options), headers: BYTES, signal };
      const head = await headOf(file);
      return (await http.post<TextPreview>('/api/import/preview', head, config)).data;
    },
  });
}
