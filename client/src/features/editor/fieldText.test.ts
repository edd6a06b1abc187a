import { expect, test } from 'vitest';

import { carriedOver, mediaMarkup, plainText } from './fieldText';

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
