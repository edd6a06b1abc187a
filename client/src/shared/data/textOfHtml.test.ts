import { expect, it, test, vi } from 'vitest';

import { HOSTILE_HTML } from '@/shared/cards/hostile';

import { textOfHtml } from './textOfHtml';

test.each([
  ['a <b>word</b>', 'a word'],
  ['2 < 3 & 4 > 1', '2 < 3 & 4 > 1'],
  ['&lt;b&gt; &amp; &eacute;&nbsp;&#x6c34;', '<b> & é\u00a0水'],
  ['&amp;lt;', '&lt;'],
  ['a<style>.b { color: red }</style>c<script>d</script>e', 'ace'],
  ['a<STYLE>b</STYLE >c', 'ac'],
  ['<ruby>食<rp>(</rp><rt>た</rt><rp>)</rp></ruby>べる', '食べる'],
  ['<ruby>食<rt>た<rp>)</ruby>べる', '食べる'],
  ['<img alt="a > b" title=\'c > d\'>e', 'e'],
  ['a<!-- <b>no</b> -->b<!doctype x><?y?></>c', 'abc'],
  ['a<br/>b<svg/>c', 'abc'],
  ['a<b', 'a'],
  ['a<', 'a<'],
  ['', ''],
])('%j says %j', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

test('something may stand for an element, at both of its ends', () => {
  const standIn = (name: string, isEnd: boolean) => (name === 'li' ? (isEnd ? ']' : '[') : '');
  expect(textOfHtml('<ul><li>a</li><li>b<svg><text>c</text></svg></li></ul>', standIn)).toBe(
    '[a][b]',
  );
});

it.each(HOSTILE_HTML)('makes no elements, so that a browser reports nothing: %s', (html) => {
  const parse = vi.spyOn(DOMParser.prototype, 'parseFromString');
  textOfHtml(html);
  for (const [source] of parse.mock.calls) expect(source).not.toContain('<');
});

// With the square of its length this would take longer than a test may.
test.each(['<', '<a "', "<a '", '<!--', '<style>', '<rt>', '<b>', '</b', '&', '<svg><'])(
  'reads %s in time that grows with its length only',
  (piece) => {
    expect(textOfHtml(piece.repeat(200_000)).length).toBeLessThan(200_000 * 12);
  },
);
