import { expect, test } from 'vitest';

import { mediaOf } from './mediaOf';

test('the files of a card are its pictures and sounds, each once', () => {
  const html =
    '<img src="a &amp; b.png"> <IMG class=x SRC=c.jpg><img src=\'a &amp; b.png\'>[sound:d.mp3]';
  expect(mediaOf(html, '/media/s/')).toEqual([
    '/media/s/a%20%26%20b.png',
    '/media/s/c.jpg',
    '/media/s/d.mp3',
  ]);
});

test('what lies elsewhere, is no file or is long to fetch is not among them', () => {
  const html =
    '<img src="https://evil.example/x.png"><img src="data:image/png;base64,AA"><img data-src="y">' +
    '[sound:film.mp4][anki:tts lang=en_US]x[/anki:tts]';
  expect(mediaOf(html, '/media/s/')).toEqual([]);
});
