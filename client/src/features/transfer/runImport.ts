/** One file on its way into the collection, from the first byte to the report. */
import { ApiError, isAway } from '@/shared/api/errors';

import {
  type ImportJob,
  type ImportReport,
  fetchImport,
  importDirectly,
  offerUpload,
  startImport,
  upload,
} from './api';
import { type FileFormat, wayFor } from './files';
import type { StageEvent } from './stages';
import type { Wanted } from './wanted';

export interface ToImport {
  file: File;
  wanted: Wanted & { format: FileFormat };
  /** Made once: sent again, the file is not imported twice. */
  key: string;
}

type Progress = Extract<StageEvent, { what: 'sending' | 'working' }>;

interface Following {
  signal: AbortSignal;
  tell: (event: Progress) => void;
}

export interface Attendant extends Following {
  /** The service goes on with it whatever becomes of this page. */
  remember: (importId: string) => void;
}

const POLL_MS = 1000;
const SLOWEST_POLL_MS = 10_000;
const TRIES = 4;

export async function runImport(item: ToImport, attendant: Attendant): Promise<ImportReport> {
  if (wayFor(item.file.size) === 'direct') {
    try {
      return await importDirectly(item.file, item.wanted, item.key, watching(attendant));
    } catch (failure) {
      // The service takes less in a request than we think: then as a large file.
      if (!(failure instanceof ApiError) || failure.status !== 413) throw failure;
    }
  }
  return runUpload(item, attendant);
}

async function runUpload(item: ToImport, attendant: Attendant): Promise<ImportReport> {
  const { file, wanted } = item;
  attendant.tell({ what: 'sending', done: 0, total: file.size });
  const offer = await offerUpload(file, wanted.format, attendant.signal);
  await upload(offer, file, watching(attendant));
  attendant.tell({ what: 'working', phase: '', done: 0, total: 0 });
  attendant.remember(offer.upload_id);
  return importUploaded(offer.upload_id, wanted, attendant);
}

/** Import what the service has already; begun again it is the same import. */
export async function importUploaded(
  uploadId: string,
  wanted: ToImport['wanted'],
  attendant: Following,
): Promise<ImportReport> {
  const job = await patiently(() => startImport(uploadId, wanted), attendant.signal);
  return followImport(job, attendant);
}

/** Ask how far an import is until it is over. */
export async function followImport(
  job: ImportJob | string,
  { signal, tell }: Following,
): Promise<ImportReport> {
  let now = typeof job === 'string' ? await patiently(() => fetchImport(job), signal) : job;
  for (;;) {
    const over = outcome(now);
    if (over) return over;
    tell({ what: 'working', ...now.progress });
    await pause(POLL_MS, signal);
    const { import_id: id } = now;
    now = await patiently(() => fetchImport(id), signal, Infinity);
  }
}

/** The report of an import that is over, null while it goes on. Throws what it failed with. */
function outcome({ state, result, failure }: ImportJob): ImportReport | null {
  if (state === 'failed') throw new ApiError(422, failure ?? {});
  return state === 'done' && result ? result : null;
}

function watching({ signal, tell }: Attendant) {
  return {
    signal,
    onSent: (done: number, total: number) => tell({ what: 'sending', done, total }),
  };
}

/** Try again where the network or the service is away: what is asked for is there all the same. */
async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal, tries = TRIES): Promise<T> {
  let waitMs = POLL_MS;
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await ask();
    } catch (failure) {
      if (left <= 0 || !isAway(failure)) throw failure;
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, SLOWEST_POLL_MS);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal.throwIfAborted();
}
