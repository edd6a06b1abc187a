/** The imports of this visit: one after the other, whatever page is shown meanwhile. */
import { useSyncExternalStore } from 'react';

import { ApiError, isAway } from '@/shared/api/errors';
import { newIdempotencyKey } from '@/shared/api/http';
import { currentSession, subscribe as onSessionChange } from '@/shared/api/session';

import type { FileFormat } from './files';
import { forget, remember, rememberedImports } from './remembered';
import { type ToImport, followImport, importUploaded, runImport } from './runImport';
import { type Stage, type StageEvent, canStop, isOver, nextStage } from './stages';
import type { Wanted } from './wanted';

/** What is shown of an import. */
export interface ImportItem {
  id: string;
  name: string;
  size: number;
  stage: Stage;
}

interface Work extends ImportItem {
  format: FileFormat;
  /** Null where the service has the file, and this page does not. */
  toImport: ToImport | null;
  importId: string | null;
  stop: AbortController;
}

type Settled = (item: ImportItem) => void;

const listeners = new Set<() => void>();
let works: readonly Work[] = [];
let working = false;
let owner = '';
let settled: Settled = () => undefined;

export function useImports(): readonly ImportItem[] {
  return useSyncExternalStore(subscribe, () => works);
}

/** Who is told when an import is over; the last one who asked. */
export function onImportSettled(listener: Settled): void {
  settled = listener;
}

export function addImport(file: File, wanted: Wanted & { format: FileFormat }): void {
  belongToSession();
  const toImport = { file, wanted, key: newIdempotencyKey() };
  add({ ...newWork(file.name, file.size, wanted.format), toImport });
}

/** Show again what the service goes on with, or has done since this person was here. */
export function resumeImports(): void {
  belongToSession();
  for (const { importId, name, size, format } of rememberedImports(owner)) {
    if (works.some((work) => work.importId === importId)) continue;
    add({ ...newWork(name, size, format), importId });
  }
}

export function stopImport(id: string): void {
  const work = works.find((one) => one.id === id);
  if (!work || !canStop(work.stage)) return;
  tell(id, { what: 'stopped' });
  work.stop.abort();
}

/** Import a file again that was stopped or refused. */
export function repeatImport(id: string): void {
  change(id, (work) => ({
    ...work,
    stop: new AbortController(),
    stage: nextStage(work.stage, { what: 'again' }),
  }));
  void workOff();
}

/** Show it no more. */
export function dismissImport(id: string): void {
  const work = works.find((one) => one.id === id);
  if (!work || !isOver(work.stage)) return;
  if (work.importId) forget(owner, work.importId);
  works = works.filter((one) => one !== work);
  changed();
}

export function importUndone(id: string): void {
  tell(id, { what: 'undone' });
}

/** The import that is the last change of the collection, as far as is known here. */
export function lastDone(items: readonly ImportItem[]): ImportItem | undefined {
  return items.findLast(({ stage }) => stage.at === 'done' && !stage.undone);
}

function newWork(name: string, size: number, format: FileFormat): Work {
  const stage = { at: 'waiting' } as const;
  const stop = new AbortController();
  const id = crypto.randomUUID();
  return { id, name, size, format, stage, stop, toImport: null, importId: null };
}

function add(work: Work): void {
  works = [...works, work];
  changed();
  void workOff();
}

/** One at a time, in the order in which they were chosen. */
async function workOff(): Promise<void> {
  if (working) return;
  working = true;
  window.addEventListener('beforeunload', askToStay);
  for (;;) {
    const work = works.find(({ stage }) => stage.at === 'waiting');
    if (!work) break;
    await attend(work);
  }
  working = false;
  window.removeEventListener('beforeunload', askToStay);
}

/** What is not sent yet would be lost; with what the service has it goes on. */
function askToStay(event: Event): void {
  if (works.some(({ stage }) => canStop(stage))) event.preventDefault();
}

async function attend(work: Work): Promise<void> {
  const { id, stop } = work;
  tell(id, { what: 'sending', done: 0, total: work.size || 1 });
  try {
    tell(id, { what: 'finished', report: await run(work) });
  } catch (failure) {
    const error = failure instanceof ApiError ? failure : new ApiError(0, {});
    // Where the service was away it may go on with it; else it is over there too.
    if (!isAway(error)) forgetUpload(id);
    tell(id, stop.signal.aborted ? { what: 'stopped' } : { what: 'failed', error });
  }
  const now = works.find((one) => one.id === id);
  if (now && now.stage.at !== 'stopped') settled(now);
}

async function run({ id, name, size, format, toImport, importId, stop }: Work) {
  const attendant = { signal: stop.signal, tell: (event: StageEvent) => tell(id, event) };
  if (importId) {
    tell(id, { what: 'working', phase: '', done: 0, total: 0 });
    if (toImport) return importUploaded(importId, toImport.wanted, attendant);
    return followImport(importId, attendant);
  }
  if (!toImport) throw new ApiError(404, { error: 'not_found' });
  return runImport(toImport, {
    ...attendant,
    remember: (importId) => {
      change(id, (work) => ({ ...work, importId }));
      remember(owner, { importId, name, size, format });
    },
  });
}

function forgetUpload(id: string): void {
  const importId = works.find((work) => work.id === id)?.importId;
  if (importId) forget(owner, importId);
  change(id, (work) => ({ ...work, importId: null }));
}

function tell(id: string, event: StageEvent): void {
  change(id, (work) => ({ ...work, stage: nextStage(work.stage, event) }));
}

function change(id: string, to: (work: Work) => Work): void {
  works = works.map((work) => (work.id === id ? to(work) : work));
  changed();
}

function changed(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Another person sees nothing of these imports; what the service has is remembered for this one. */
function belongToSession(): void {
  const username = currentSession()?.username ?? '';
  if (username === owner) return;
  for (const work of works) work.stop.abort();
  works = [];
  owner = username;
  changed();
}

onSessionChange(belongToSession);
