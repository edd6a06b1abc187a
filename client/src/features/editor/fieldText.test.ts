import { expect, test } from 'vitest';

import { carriedOver, mediaMarkup, plainText, shownText, storedHtml } from './fieldText';

test('line breaks are lines in the text area', () => {
  expect(shownText('a<br>b<br/>c')).toBe('a\nb\nc');
  expect(storedHtml('a\nb')).toBe('a<br>b');
});

test('what was not changed is stored as it was', () => {
  for (const html of ['a<br />b', '<p>\n<br>x</p>', 'x']) {
    expect(storedHtml(shownText(html), html)).toBe(html);
  }
});

test('HTML with lines of its own keeps them', () => {
  const html = '<ul>\n<li>a</li>\n</ul>';
  expect(shownText(html)).toBe(html);
  expect(storedHtml(`${html}\n<b>x</b>`, html)).toBe(`${html}\n<b>x</b>`);
});

test('an excerpt has the words only', () => {
  expect(plainText('<b>a &amp;</b><br>b<img src=x onerror=alert(1)>')).toBe('a & b');
});

test('a file is named as Anki does', () => {
  expect(mediaMarkup('a.mp3', 'audio/mpeg')).toBe('[sound:a.mp3]');
  expect(mediaMarkup('a "b".png', 'image/png')).toBe('<img src="a &#34;b&#34;.png">');
});

test('another notetype takes over what fits', () => {
  const fields = (...names: string[]) =>
    ({ fields: names.map((name) => ({ name })) }) as Parameters<typeof carriedOver>[1];
  const basic = fields('Front', 'Back');
  expect(carriedOver(['a', 'b'], basic, fields('Text', 'Back Extra'))).toEqual(['a', 'b']);
  expect(carriedOver(['a', 'b'], basic, fields('Back', 'Hint', 'More'))).toEqual(['b', 'a', '']);
  expect(carriedOver(['a', 'b'], basic, fields('Only'))).toEqual(['a']);
});
