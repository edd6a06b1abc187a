/** How far an import is: values in, values out. */
import type { ApiError } from '@/shared/api/errors';

import type { ImportReport } from './api';

export type Stage =
  | { at: 'waiting' }
  | { at: 'sending'; done: number; total: number }
  | { at: 'working'; phase: string; done: number; total: number }
  | { at: 'done'; report: ImportReport; undone: boolean }
  | { at: 'failed'; error: ApiError }
  | { at: 'stopped' };

export type StageEvent =
  | { what: 'sending'; done: number; total: number }
  | { what: 'working'; phase: string; done: number; total: number }
  | { what: 'finished'; report: ImportReport }
  | { what: 'failed'; error: ApiError }
  | { what: 'stopped' }
  | { what: 'again' }
  | { what: 'undone' };

/** What an event makes of it; news that come too late change nothing. */
export function nextStage(stage: Stage, event: StageEvent): Stage {
  switch (event.what) {
    case 'again':
      return stage.at === 'failed' || stage.at === 'stopped' ? { at: 'waiting' } : stage;
    case 'undone':
      return stage.at === 'done' ? { ...stage, undone: true } : stage;
    case 'stopped':
      return canStop(stage) ? { at: 'stopped' } : stage;
    case 'sending':
      // What was refused as too large for a request begins anew.
      return canStop(stage) || (stage.at === 'working' && event.done === 0)
        ? sending(event.done, event.total)
        : stage;
    case 'working':
      if (isOver(stage)) return stage;
      return { at: 'working', phase: event.phase, done: event.done, total: event.total };
    case 'finished':
      return isOver(stage) ? stage : { at: 'done', report: event.report, undone: false };
    case 'failed':
      return isOver(stage) ? stage : { at: 'failed', error: event.error };
  }
}

/** Once the service has the file it is at work on it, and that is not to be interrupted. */
export function canStop(stage: Stage): boolean {
  return stage.at === 'waiting' || stage.at === 'sending';
}

export function isOver(stage: Stage): boolean {
  return stage.at === 'done' || stage.at === 'failed' || stage.at === 'stopped';
}

/** All is sent: from now on the service is at work. */
function sending(done: number, total: number): Stage {
  if (total > 0 && done >= total) return { at: 'working', phase: '', done: 0, total: 0 };
  return { at: 'sending', done, total };
}
