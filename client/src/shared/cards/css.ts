/** Styles of a notetype or of an element, with their addresses led to the media files.
 *
 * Source: CSS Syntax Level 3. Names are read as browsers read them, so `u\72l(` is `url(`.
 */

const ESCAPE = String.raw`\\(?:[0-9a-f]{1,6}(?:\r\n|[ \t\r\n\f])?|[^\r\n\f0-9a-f])`;
const NAME = new RegExp(String.raw`(?:[\w\u0080-\uffff-]|${ESCAPE})+`, 'iy');
const TEXT = /"(?:[^"\\\r\n\f]|\\[\s\S])*"?|'(?:[^'\\\r\n\f]|\\[\s\S])*'?/y;
const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/y;
const BARE_ADDRESS = /\(\s*(?!["'\s])((?:[^)\\]|\\[\s\S])*)\)?/y;
const RULE = /(?:"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?|\([^)]*\)?|[^;"'(])*;?/y;
const ONE_ESCAPE = new RegExp(ESCAPE, 'gi');
/** What takes addresses as texts. */
const OF_ADDRESSES = new Set(['url', 'src', 'image-set', '-webkit-image-set']);
const NOWHERE = 'data:,';

type Resolve = (address: string) => string | null;

/** The same style without imports; every address in it is what `resolve` makes of it. */
export function safeCss(css: string, resolve: Resolve): string {
  const reader = new Reader(css, resolve);
  while (!reader.atEnd()) reader.step();
  return reader.written;
}

class Reader {
  written = '';
  private at = 0;
  /** The functions that are open here, by name; a bracket alone has none. */
  private readonly open: string[] = [];
  private readonly css: string;
  private readonly resolve: Resolve;

  constructor(css: string, resolve: Resolve) {
    this.css = css;
    this.resolve = resolve;
  }

  atEnd(): boolean {
    return this.at >= this.css.length;
  }

  step(): void {
    if (this.take(COMMENT)) this.written += ' ';
    else if (this.readText() || this.readName()) return;
    else this.readSign();
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.css);
    if (match) this.at += match[0].length;
    return match;
  }

  private readText(): boolean {
    const text = this.take(TEXT)?.[0];
    if (text === undefined) return false;
    const isAddress = OF_ADDRESSES.has(this.open.at(-1) ?? '');
    this.written += isAddress ? this.quoted(text.replace(/^["']|["']$/g, '')) : text;
    return true;
  }

  private readName(): boolean {
    const found = this.take(NAME)?.[0];
    if (found === undefined) return false;
    const name = unescaped(found).toLowerCase();
    if (name === 'import' && this.written.endsWith('@')) {
      this.written = this.written.slice(0, -1);
      this.take(RULE);
    } else if (this.css[this.at] === '(') {
      this.readFunction(found, name);
    } else {
      this.written += found;
    }
    return true;
  }

  private readFunction(found: string, name: string): void {
    const bare = name === 'url' ? this.take(BARE_ADDRESS) : null;
    if (bare) {
      this.written += `url(${this.quoted((bare[1] ?? '').trim())})`;
      return;
    }
    this.at += 1;
    this.open.push(name);
    // Old browsers would have run it.
    this.written += name === 'expression' ? 'none(' : `${OF_ADDRESSES.has(name) ? name : found}(`;
  }

  private readSign(): void {
    const sign = this.css.charAt(this.at);
    if (sign === '(') this.open.push('');
    if (sign === ')') this.open.pop();
    this.written += sign;
    this.at += 1;
  }

  private quoted(address: string): string {
    const resolved = this.resolve(unescaped(address)) ?? NOWHERE;
    return `"${resolved.replace(/["\\\r\n\f]/g, encodeURIComponent)}"`;
  }
}

function unescaped(text: string): string {
  return text.replace(/\\\r?\n/g, '').replace(ONE_ESCAPE, (escape) => {
    const code = /^\\([0-9a-f]{1,6})/i.exec(escape)?.[1];
    if (code === undefined) return escape.slice(1);
    const point = parseInt(code, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  });
}
