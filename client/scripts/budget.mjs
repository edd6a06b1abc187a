/**
 * How much JavaScript a browser needs, gzipped, for the first page of somebody who is logged in:
 * what index.html loads, the page of the decks, and the words of the language with most of them.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 200;
const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const ASSETS = join(DIST, 'assets');
const PAGE = /^DecksPage-/;
const LANGUAGES = ['en', 'es', 'pt-BR'];

const html = readFileSync(join(DIST, 'index.html'), 'utf8');
const chunks = readdirSync(ASSETS).filter((name) => name.endsWith('.js'));
const entries = [...html.matchAll(/assets\/([^"]+\.js)"/g)].map((match) => match[1]);
const pages = chunks.filter((name) => PAGE.test(name));
if (pages.length === 0) fail('There is no page of the decks in dist/assets.');
const start = closure([...entries, ...pages]);
const words = LANGUAGES.map((language) =>
  closure(chunks.filter((name) => name.startsWith(`${language}-`))).filter(
    (name) => !start.includes(name),
  ),
).reduce((most, names) => (kilobytes(names) > kilobytes(most) ? names : most));

const needed = [...start, ...words];
for (const name of needed) say(`${kilobytes([name]).toFixed(1).padStart(7)} KB  ${name}`);
const total = kilobytes(needed);
say(`${total.toFixed(1).padStart(7)} KB  of ${LIMIT_KB} KB`);
if (total > LIMIT_KB) fail(`The first load is ${(total - LIMIT_KB).toFixed(1)} KB too large.`);

/** These files and all that they cannot begin without. */
function closure(names) {
  const found = new Set();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const imports = source(name).matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g);
    open.push(...[...imports].map((match) => match[1]));
  }
  return [...found].sort();
}

function kilobytes(names) {
  return names.reduce((sum, name) => sum + gzipSync(source(name), { level: 9 }).length, 0) / 1000;
}

function source(name) {
  return readFileSync(join(ASSETS, name), 'utf8');
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
