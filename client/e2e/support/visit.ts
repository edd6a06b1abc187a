/** A browser's window on the client, that is watched: whatever goes wrong in it fails the test. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { expect, inject, onTestFinished } from 'vitest';

import type { Person } from './person';

export const DESKTOP = { width: 1200, height: 800 };
export const PHONE = { width: 390, height: 844 };

export interface VisitOptions {
  /** Who is logged in. */
  person?: Person;
  address?: string;
  viewport?: typeof DESKTOP;
  isPhone?: boolean;
  colorScheme?: 'light' | 'dark';
  /** As the browser is set, where the person has not chosen a language. */
  locale?: string;
  /** Messages of the console that belong to what is tested. */
  expected?: RegExp[];
}

export interface Visit {
  context: BrowserContext;
  page: Page;
  /** Another tab of the same browser. */
  newTab: () => Promise<Page>;
  /** What went wrong so far. */
  faults: string[];
}

/** What Chromium writes for each answer that is no success; each test says which it expects. */
export const failedLoad = (what: string) => new RegExp(`Failed to load resource: .*${what}`);

const FAILURES = join(tmpdir(), 'javumbo-e2e-failures');
/** Chromium's own, not the network's. */
const OF_THE_BROWSER = /^(?:data|blob|about|chrome-extension|chrome):/;

let connected: Promise<Browser> | null = null;

export async function browser(): Promise<Browser> {
  connected ??= chromium.connect(inject('browser'));
  return connected;
}

/** A new browser profile with one tab. */
export async function visit(path: string, options: VisitOptions = {}): Promise<Visit> {
  const address = options.address ?? options.person?.address ?? inject('address');
  const context = await newContext(address, options);
  const faults = watch(context, address, options.expected ?? []);
  onTestFinished(async ({ task }) => {
    const hasFailed = task.result?.state === 'fail' || faults.length > 0;
    if (hasFailed) await photograph(context, task.name);
    await context.close();
    expect(faults, 'faults in the browser').toEqual([]);
  });
  const newTab = () => context.newPage();
  const page = await newTab();
  await page.goto(path);
  return { context, page, newTab, faults };
}

async function newContext(address: string, options: VisitOptions): Promise<BrowserContext> {
  const { person, viewport = DESKTOP, isPhone = false, colorScheme = 'light' } = options;
  const stored = [
    ...(person ? [{ name: 'javumbo.session', value: JSON.stringify(person.session) }] : []),
    ...(options.locale === undefined ? [{ name: 'javumbo.language', value: 'en' }] : []),
  ];
  const context = await (
    await browser()
  ).newContext({
    baseURL: address,
    viewport: isPhone ? PHONE : viewport,
    isMobile: isPhone,
    hasTouch: isPhone,
    colorScheme,
    locale: options.locale ?? 'en-US',
    storageState: { cookies: [], origins: [{ origin: address, localStorage: stored }] },
  });
  context.setDefaultTimeout(15_000);
  return context;
}

/** Errors of pages, of the console (violations of the policy are among them), and foreign requests. */
function watch(context: BrowserContext, address: string, expected: readonly RegExp[]): string[] {
  const faults: string[] = [];
  const add = (fault: string) => {
    if (!faults.includes(fault)) faults.push(fault);
  };
  context.on('weberror', (error) => add(`error: ${error.error().stack ?? ''}`));
  context.on('console', (message) => {
    const text = `${message.text()} (${message.location().url})`;
    const isPolicy = /content security policy|trusted ?(type|html|script)/i.test(text);
    if (message.type() !== 'error' && !isPolicy) return;
    if (!expected.some((pattern) => pattern.test(text))) add(`console: ${text}`);
  });
  context.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') add(`dialog: ${dialog.message()}`);
    void dialog.dismiss().catch(() => undefined);
  });
  context.on('request', (request) => {
    const url = request.url();
    if (OF_THE_BROWSER.test(url) || new URL(url).origin === address) return;
    add(`request: ${request.method()} ${url}`);
  });
  return faults;
}

async function photograph(context: BrowserContext, name: string): Promise<void> {
  mkdirSync(FAILURES, { recursive: true });
  for (const [index, page] of context.pages().entries()) {
    const path = join(FAILURES, `${name.replace(/\W+/g, '-')}-${index + 1}.png`);
    await page.screenshot({ path }).catch(() => undefined);
    process.stderr.write(`${page.url()} as it was: ${path}\n`);
  }
}
