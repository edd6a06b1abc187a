import { expect, test } from 'vitest';

import { excerpt } from './excerpt';

const WORDS = { image: '[image]', sound: '[sound]', video: '[video]' };
const of = (html: string) => excerpt(html, WORDS);

test('a text is itself', () => {
  expect(of('el  perro\n')).toBe('el perro');
  expect(of('')).toBe('');
  expect(of('2 > 1')).toBe('2 > 1');
});

test('lines and blocks become blanks, the rest of the markup nothing', () => {
  expect(of('un<b>o</b><br>dos<div>tres</div>cuatro')).toBe('uno dos tres cuatro');
  expect(of('<ul><li>a</li><li>b</li></ul>')).toBe('a b');
  expect(of('a&nbsp;&amp;&nbsp;b &lt;i&gt;')).toBe('a & b <i>');
});

test('pictures and sounds are named', () => {
  expect(of('<img src="x.png">')).toBe('[image]');
  expect(of('perro[sound:perro.mp3]')).toBe('perro [sound]');
  expect(of('<video src="x.mp4"></video>')).toBe('[video]');
});

test('styles and scripts say nothing', () => {
  expect(of('<style>.card{}</style>a<script>alert(1)</script>')).toBe('a');
  expect(of('<img src=x onerror="alert(1)">b')).toBe('[image] b');
});

test('readings over letters are left out', () => {
  expect(of('<ruby>食<rt>た</rt></ruby>べる')).toBe('食べる');
});

test('clozes show what they hide', () => {
  expect(of('{{c1::Paris::city}} is in {{c2::France}}')).toBe('Paris is in France');
  expect(of('{{c1::a {{c2::b}} c}}')).toBe('a b c');
  expect(of('{{c1::<b>Paris</b>}}')).toBe('Paris');
});

test('a long one is cut', () => {
  expect(of('x'.repeat(1000))).toHaveLength(301);
  expect(of('<b>x</b>'.repeat(5000)).length).toBeLessThanOrEqual(301);
});
