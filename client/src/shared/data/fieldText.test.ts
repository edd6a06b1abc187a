import { expect, test } from 'vitest';

import { shownText, storedHtml } from './fieldText';

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
