/** The real service as a process of its own: `javumbo serve` with the built client beside the API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, python } from './places';

const START_TIMEOUT_MS = 60_000;
/** Everybody of the tests comes from one address, and nobody tries to guess their passwords. */
const FOR_MANY_TESTS = {
  BCRYPT_ROUNDS: '4',
  ADDRESS_MAX_REGISTRATIONS: '1000000',
  ADDRESS_MAX_FAILURES: '1000000',
};

export interface Server {
  address: string;
  /** As a power cut does: nothing is finished. */
  kill: () => Promise<void>;
  /** On the same port, over the same data. */
  start: () => Promise<void>;
  /** End it for good, and remove its data. */
  close: () => Promise<void>;
}

export async function startServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'javumbo-e2e-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  let running = run(port, folder);
  const server: Server = {
    address,
    kill: () => ended(running, 'SIGKILL'),
    start: async () => {
      running = run(port, folder);
      await untilHealthy(address, running, folder);
    },
    close: async () => {
      await ended(running, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await untilHealthy(address, running, folder);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

function run(port: number, folder: string): ChildProcess {
  const log = openSync(join(folder, 'log'), 'a');
  const command = ['-m', 'javumbo', 'serve', '--port', String(port)];
  return spawn(python(), command, {
    cwd: ROOT,
    env: { ...process.env, JAVUMBO_DATA: join(folder, 'data'), ...FOR_MANY_TESTS },
    stdio: ['ignore', log, log],
  });
}

async function ended(running: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const exit = once(running, 'exit');
  running.kill(signal);
  await exit;
}

async function untilHealthy(address: string, running: ChildProcess, folder: string) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && running.exitCode === null) {
    const answer = await fetch(`${address}/health`).catch(() => null);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`The server did not start: ${readFileSync(join(folder, 'log'), 'utf8')}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const at = probe.address();
  const port = typeof at === 'object' && at ? at.port : 0;
  probe.close();
  await once(probe, 'close');
  return port;
}
