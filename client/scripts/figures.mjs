// How quickly the first page is there on slow devices and networks: `node scripts/figures.mjs`.
//
// Starts the service by itself, over data of its own, and measures the built client in Chromium
// under the conditions that Lighthouse uses. What can be compressed is, as CloudFront does.
// Prints a table in Markdown: medians of several visits.
/* global PerformanceObserver, fetch, navigator, window */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createSite, request as ask } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';

import { chromium } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../..');
const VISITS = Number(process.argv[2] ?? 5);
const CARDS = 40;
const QUIET_MS = 1500;
const DESKTOP = { width: 1350, height: 940 };
const PHONE = { width: 412, height: 823 };
// Latencies and throughputs are those of Lighthouse for the tools' own throttling.
const SLOW = { latency: 562.5, downloadThroughput: 184_320, uploadThroughput: 84_480, cpu: 4 };
const FAST = { latency: 40, downloadThroughput: 1_310_720, uploadThroughput: 1_310_720, cpu: 1 };
const DEVICES = [
  { name: 'phone, slow 4G, CPU / 4', viewport: PHONE, isMobile: true, conditions: SLOW },
  { name: 'desktop, slow 4G, CPU / 4', viewport: DESKTOP, isMobile: false, conditions: SLOW },
  { name: 'desktop, 10 Mbit/s', viewport: DESKTOP, isMobile: false, conditions: FAST },
];
const FIGURES = ['fcp', 'lcp', 'tbt', 'cls', 'bytes', 'requests'];

const service = await startService();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  await report(await somebody(service.address));
} finally {
  await browser.close();
  await service.stop();
}

async function report({ session, deckId }) {
  const pages = [
    { name: 'login', path: '/login', session: null },
    { name: 'decks', path: '/', session },
    { name: 'study', path: `/decks/${deckId}/study`, session },
  ];
  say('| device | page | visit | FCP | LCP | TBT | CLS | transferred | requests |');
  say('|---|---|---|---|---|---|---|---|---|');
  for (const device of DEVICES) {
    for (const page of pages) {
      const visits = [];
      for (let at = 0; at < VISITS; at += 1) visits.push(await visitTwice(device, page));
      for (const which of ['first', 'again']) {
        const rows = visits.map((visit) => visit[which]);
        say(
          row(
            device,
            page,
            which,
            Object.fromEntries(FIGURES.map((f) => [f, median(rows.map((one) => one[f]))])),
          ),
        );
      }
    }
  }
}

function row(device, page, which, { fcp, lcp, tbt, cls, bytes, requests }) {
  const s = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const cells = [s(fcp), s(lcp), `${tbt.toFixed(0)} ms`, cls.toFixed(3)];
  return `| ${device.name} | ${page.name} | ${which} | ${cells.join(' | ')} | ${(bytes / 1000).toFixed(0)} KB | ${requests} |`;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** With nothing in the browser's cache, and then with what the first visit has left there. */
async function visitTwice({ viewport, isMobile, conditions }, { path, session }) {
  const context = await browser.newContext({
    baseURL: service.address,
    ...{ viewport, isMobile, hasTouch: isMobile, locale: 'en-US' },
    storageState: stateOf(session),
  });
  const first = await measured(context, path, conditions);
  const installing = await context.newPage();
  await installing.goto('/login');
  await installing.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await installing.close();
  const again = await measured(context, path, conditions);
  await context.close();
  return { first, again };
}

async function measured(context, path, { cpu, ...network }) {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', { offline: false, ...network });
  await tools.send('Emulation.setCPUThrottlingRate', { rate: cpu });
  const kinds = new Map();
  const counted = { bytes: 0, requests: 0 };
  tools.on('Network.responseReceived', ({ requestId, response }) =>
    kinds.set(requestId, response.fromServiceWorker || response.fromDiskCache),
  );
  tools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId)) return;
    counted.bytes += encodedDataLength;
    counted.requests += 1;
  });
  await page.addInitScript(watch);
  await page.goto(path, { waitUntil: 'networkidle' });
  await page.locator('main h1').first().waitFor();
  await sleep(QUIET_MS);
  const seen = await page.evaluate(() => window.seen);
  await page.close();
  const blocked = seen.tasks.filter((task) => task.start >= seen.fcp);
  const tbt = blocked.reduce((sum, task) => sum + Math.max(0, task.ms - 50), 0);
  return { fcp: seen.fcp, lcp: seen.lcp, cls: seen.cls, tbt, ...counted };
}

/** Runs in the page: what is painted, moved and blocked, and when. */
function watch() {
  if (window.top !== window) return;
  const seen = (window.seen = { fcp: 0, lcp: 0, cls: 0, tasks: [] });
  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
    });
  observe('paint', (entry) => {
    if (entry.name === 'first-contentful-paint') seen.fcp = entry.startTime;
  });
  observe('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime));
  observe('layout-shift', (entry) => {
    if (!entry.hadRecentInput) seen.cls += entry.value;
  });
  observe('longtask', (entry) => seen.tasks.push({ start: entry.startTime, ms: entry.duration }));
}

function stateOf(session) {
  const stored = [{ name: 'javumbo.language', value: 'en' }];
  if (session) stored.push({ name: 'javumbo.session', value: JSON.stringify(session) });
  return { cookies: [], origins: [{ origin: service.address, localStorage: stored }] };
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** An account with a few decks, one of which has cards to study. */
async function somebody(address) {
  const account = { username: 'figures', password: 'correct horse battery' };
  const post = async (path, body, token = '') => {
    const answer = await fetch(address + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await post('/register', { ...account, name: 'Ana' });
  const { token, username, name, expires_at } = await post('/login', account);
  for (const deck of ['Geo', 'Geo::Rivers', 'Verbs'])
    await post('/api/decks', { name: deck }, token);
  const { deck_id: deckId } = await post('/api/decks', { name: 'Words' }, token);
  for (let at = 1; at <= CARDS; at += 1) {
    await post(
      '/api/cards',
      { deck_id: deckId, front: `word ${at}`, back: `meaning ${at}` },
      token,
    );
  }
  return { session: { token, username, name, expires_at }, deckId };
}

async function startService() {
  const folder = mkdtempSync(join(tmpdir(), 'javumbo-figures-'));
  const port = await freePort();
  const own = join(ROOT, '.venv/bin/python');
  const running = spawn(
    existsSync(own) ? own : 'python3',
    ['-m', 'javumbo', 'serve', '--port', String(port)],
    {
      cwd: ROOT,
      env: { ...process.env, JAVUMBO_DATA: folder, BCRYPT_ROUNDS: '4' },
      stdio: 'ignore',
    },
  );
  const direct = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(`${direct}/health`).catch(() => null);
    if (answer?.ok) break;
    await sleep(100);
  }
  const site = compressing(port).listen(await freePort(), '127.0.0.1');
  await once(site, 'listening');
  const address = `http://127.0.0.1:${site.address().port}`;
  const stop = async () => {
    site.close();
    const exit = once(running, 'exit');
    running.kill('SIGTERM');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  };
  return { address, stop };
}

/** In front of the service, which leaves compressing to whoever stands there. */
function compressing(port) {
  return createSite((asked, answer) => {
    const { method, url } = asked;
    const headers = { ...asked.headers, 'accept-encoding': 'identity' };
    const passed = ask({ host: '127.0.0.1', port, method, path: url, headers }, (given) => {
      const isText = /text|script|json|svg/.test(given.headers['content-type'] ?? '');
      const { 'content-length': length, ...rest } = given.headers;
      if (!isText)
        answer.writeHead(given.statusCode, {
          ...rest,
          ...(length && { 'content-length': length }),
        });
      else answer.writeHead(given.statusCode, { ...rest, 'content-encoding': 'gzip' });
      (isText ? given.pipe(createGzip()) : given).pipe(answer);
    });
    asked.pipe(passed);
  });
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
