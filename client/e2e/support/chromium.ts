/** Debian's Chromium, which is fetched where it may be. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { type LaunchOptions } from 'playwright-core';

const INSTALL = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium';
const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchOptions(): LaunchOptions {
  const isRoot = process.getuid?.() === 0;
  return {
    executablePath: chromiumPath(isRoot),
    args: isRoot ? [...FLAGS, '--no-sandbox'] : FLAGS,
  };
}

function chromiumPath(isRoot: boolean): string {
  const wanted = process.env['CHROMIUM'];
  if (wanted !== undefined && wanted !== '') {
    if (existsSync(wanted)) return wanted;
    throw new Error(`There is no Chromium at ${wanted}, which CHROMIUM names.`);
  }
  if (!found() && isRoot) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('sh', ['-c', INSTALL], { stdio: 'inherit', env });
  }
  const path = found();
  if (path === undefined) {
    const command = isRoot ? INSTALL : `sudo sh -c '${INSTALL}'`;
    throw new Error(`The browser tests need Chromium: type \`${command}\`, or set CHROMIUM.`);
  }
  return path;
}

const found = () => USUAL.find((path) => existsSync(path));
