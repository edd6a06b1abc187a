import { describe, expect, it } from 'vitest';

import { safeAddress, safeLink } from './address';
import { prepareCard } from './cardDocument';
import { safeCss } from './css';
import { sanitizeCard } from './sanitize';
import { soundsOf, withSoundButtons, withoutSpeech } from './sounds';

const MEDIA = '/media/signed/';
const addresses = { mediaUrl: MEDIA };

function htmlOf(html: string): string {
  const box = document.createElement('div');
  box.append(sanitizeCard(html, addresses));
  return box.innerHTML;
}

describe('the addresses of a card', () => {
  it.each([
    ['cat.png', '/media/signed/cat.png'],
    [' pic 1é.png ', '/media/signed/pic%201%C3%A9.png'],
    ['a%20b.png', '/media/signed/a%2520b.png'],
    ['../../api/account', '/media/signed/..%2F..%2Fapi%2Faccount'],
    ['what?.png#x', '/media/signed/what%3F.png%23x'],
    ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
    ['#gradient', '#gradient'],
    ['..', null],
    ['', null],
    ['https://else.example/x.png', null],
    ['ht\ntps://else.example/x.png', null],
    ['file:///etc/passwd', null],
    ['data:text/html,x', null],
  ])('leads %j to %j', (address, expected) => {
    expect(safeAddress(address, addresses)).toBe(expected);
  });

  it('opens links to pages and mail only', () => {
    expect(safeLink('https://example.org/a?b')).toBe('https://example.org/a?b');
    expect(safeLink('mailto:a@example.org')).toBe('mailto:a@example.org');
    expect(safeLink('javascript:alert(1)')).toBeNull();
    expect(safeLink('page.html')).toBeNull();
    expect(safeLink(null)).toBeNull();
  });
});

describe('a style', () => {
  const resolve = (address: string) => safeAddress(address, addresses);

  it.each([
    ['.card { font: 20px arial; color: #123; }', '.card { font: 20px arial; color: #123; }'],
    ['a { background: url(x.png) }', 'a { background: url("/media/signed/x.png") }'],
    [`a { background: url( 'x y.png' ) }`, 'a { background: url( "/media/signed/x%20y.png" ) }'],
    ['@font-face { src: url(_f.woff2) }', '@font-face { src: url("/media/signed/_f.woff2") }'],
    ['a::after { content: "url(x)" }', 'a::after { content: "url(x)" }'],
    ['a::after { content: "\\"; url(x) /*" }', 'a::after { content: "\\"; url(x) /*" }'],
    ['@media (min-width: 9px) { a { top: 0 } }', '@media (min-width: 9px) { a { top: 0 } }'],
    ['a { width: calc((1px + 2px) * 3) }', 'a { width: calc((1px + 2px) * 3) }'],
    ['@import "x.css"; a { top: 0 }', ' a { top: 0 }'],
    ['a/* url(x) */{ top: 0 }', 'a { top: 0 }'],
    ['a\\:b { top: 0 }', 'a\\:b { top: 0 }'],
  ])('%j becomes %j', (css, expected) => {
    expect(safeCss(css, resolve)).toBe(expected);
  });

  // With the square of its length this would take longer than a test may.
  it.each(['url(', '"', '/*', '@import (', '\\', 'url("', '((', "'\\"])(
    'is read in time that grows with its length only: %s',
    (piece) => {
      expect(safeCss(piece.repeat(300_000), resolve)).not.toContain('import');
    },
  );
});

describe('a card', () => {
  it('keeps what Anki cards are made of', () => {
    const html =
      '<style>.a { color: red }</style><div class="a" id="b" style="color: red" lang="ja">' +
      '<ruby>水<rt>みず</rt></ruby><hr id="answer"><b>x</b><br></div>';
    expect(htmlOf(html)).toBe(html);
  });

  it('shows its pictures and players from the media files', () => {
    const html = htmlOf('<img src="a b.png"><audio controls src="c.mp3"></audio>');
    expect(html).toContain('src="/media/signed/a%20b.png"');
    expect(html).toContain('src="/media/signed/c.mp3"');
  });

  it('opens links in windows of their own', () => {
    expect(htmlOf('<a href="https://example.org">x</a>')).toBe(
      '<a href="https://example.org" target="_blank" rel="noopener noreferrer">x</a>',
    );
  });
});

describe('the sounds of a card', () => {
  it('are named in their order, as the files are', () => {
    expect(soundsOf('a [sound:x.mp3] b [sound:a &amp; b.mp3]')).toEqual(['x.mp3', 'a & b.mp3']);
    expect(soundsOf('<b>no sound</b>')).toEqual([]);
  });

  it('have a numbered button each', () => {
    const html = withSoundButtons('[sound:x.mp3]<i>[sound:y.mp3]</i>', '"Play" & <b>');
    expect(html.match(/data-sound="\d+"/g)).toEqual(['data-sound="0"', 'data-sound="1"']);
    expect(html).not.toContain('<b>');
    expect(html).not.toContain('x.mp3');
  });

  it('are texts, too, which are spoken in their turn', () => {
    const html =
      '[anki:tts lang=en_US speed=0.8][sound:x.mp3] <b>a &amp; b</b>[/anki:tts][sound:y.mp3]';
    expect(soundsOf(html)).toEqual([{ text: 'a & b', lang: 'en_US', speed: 0.8 }, 'y.mp3']);
    expect(withSoundButtons(html, 'Play').match(/data-sound="\d+"/g)).toHaveLength(2);
    expect(withSoundButtons(html, 'Play')).not.toContain('<b>');
    expect(withoutSpeech(html)).toBe('[sound:y.mp3]');
  });

  it('are spoken at a speed that can be', () => {
    const speedOf = (how: string) => soundsOf(`[anki:tts ${how}]x[/anki:tts]`)[0];
    expect(speedOf('speed=99')).toMatchObject({ speed: 10, lang: '' });
    expect(speedOf('speed=1.2.3')).toMatchObject({ speed: 1 });
  });
});

describe('the formulas of a card', () => {
  const rendered = async (html: string) => {
    const source = { html, mediaUrl: MEDIA, playLabel: 'Play' };
    const box = document.createElement('div');
    box.append((await prepareCard(source).ready).cloneNode(true));
    return box;
  };

  it('become MathML, once each and without their source', async () => {
    const box = await rendered('Area: \\(\\pi r^2\\) and \\[\\frac{1}{2}\\]');
    expect(box.querySelectorAll('math')).toHaveLength(2);
    expect(box.querySelectorAll('math[display=block]')).toHaveLength(1);
    expect(box.textContent).not.toMatch(/\\|frac/);
    expect(box.querySelector('annotation')).toBeNull();
  });

  it('may be chemical', async () => {
    const box = await rendered('\\(\\ce{H2O}\\)');
    expect(box.querySelector('math')?.textContent).toContain('H');
    expect(box.querySelector('.katex-error')).toBeNull();
  });

  it('stay as they are where they are wrong or code', async () => {
    expect((await rendered('\\(\\notacommand{\\)')).textContent).toContain('notacommand');
    expect((await rendered('<code>\\(x\\)</code> \\(y\\)')).querySelectorAll('math')).toHaveLength(
      1,
    );
  });

  it('do not hold up a card without any', () => {
    expect(prepareCard({ html: 'x', mediaUrl: MEDIA, playLabel: 'Play' }).fragment).not.toBeNull();
  });
});
