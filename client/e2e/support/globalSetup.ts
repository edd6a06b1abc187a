import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';

import { launchOptions } from './chromium';
import { requireBuild } from './places';
import { startServer } from './server';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the service of all tests answers. */
    address: string;
    /** Where the browser of all tests can be reached. */
    browser: string;
  }
}

/** One server and one browser for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  requireBuild();
  const browser = await chromium.launchServer(launchOptions());
  const server = await startServer().catch(async (error: unknown) => {
    await browser.close();
    throw error;
  });
  project.provide('address', server.address);
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
  };
}
