/** Files of the service: fetched with the login, and given to the browser to save. */
import { http } from './http';

interface FileOffer {
  url: string;
}

interface Watching {
  signal?: AbortSignal;
  /** `total` is 0 where nobody knows. */
  onProgress?: (done: number, total: number) => void;
}

/** By then every browser has begun to save the file. */
const KEPT_MS = 60_000;

/** Fetch a file and save it under its name; what is too large for an answer is at an address. */
export async function download(
  path: string,
  params: Record<string, unknown>,
  { signal, onProgress }: Watching = {},
): Promise<void> {
  const answer = await http.get<Blob>(path, {
    params,
    responseType: 'blob',
    timeout: 0,
    ...(signal && { signal }),
    onDownloadProgress: ({ loaded, total }) => onProgress?.(loaded, total ?? 0),
  });
  if (String(answer.headers['content-type']).startsWith('application/json')) {
    const offer = JSON.parse(await answer.data.text()) as FileOffer;
    follow(withBase(offer.url), '');
    return;
  }
  const url = URL.createObjectURL(answer.data);
  follow(url, fileName(answer.headers['content-disposition']) ?? 'javumbo');
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** The name in a Content-Disposition header; the one in UTF-8 comes first. */
export function fileName(header: unknown): string | null {
  if (typeof header !== 'string') return null;
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  if (encoded) {
    try {
      return decodeURIComponent(encoded.trim());
    } catch {
      // Then the plain one.
    }
  }
  const plain = /filename="((?:[^"\\]|\\.)*)"|filename=([^;\s]+)/i.exec(header);
  return plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2] ?? null;
}

function follow(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.rel = 'noopener';
  document.body.append(link);
  link.click();
  link.remove();
}

function withBase(url: string): string {
  return url.startsWith('/') ? (http.defaults.baseURL ?? '') + url : url;
}
