/** What real Anki says of a file. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect } from 'vitest';

import { ROOT, python } from './places';

interface Report {
  ok: boolean;
  problems: string[];
  lint: string[];
  counts: { notes: number; cards: number; revlog: number };
}

/** Anki opens it, finds nothing wrong with it and rewrites nothing silently. */
export function expectCleanForAnki(file: string): Report {
  const checker = join(ROOT, 'tests/oracle/check_collection.py');
  const done = spawnSync(python(), [checker, file], { encoding: 'utf8' });
  expect(done.stdout, done.stderr).not.toBe('');
  const report = JSON.parse(done.stdout) as Report;
  expect(report).toMatchObject({ ok: true, problems: [], lint: [] });
  return report;
}
