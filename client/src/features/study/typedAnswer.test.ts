import { describe, expect, it } from 'vitest';

import { answerHtml, isRight, questionHtml } from './cardHtml';
import { cardOf } from './testCards';
import { type Piece, compareTyped, expectedText } from './typedAnswer';

const shown = (pieces: Piece[]) =>
  pieces.map(({ kind, text }) => `${{ good: '=', bad: 'x', missed: '-' }[kind]}${text}`).join(' ');

describe('what was typed', () => {
  it.each([
    ['Lima', 'Lima', '', '=Lima'],
    ['Lima', 'lima', 'xl =ima', '-L =ima'],
    ['Lima', 'Lma', '=L -- =ma', '=L -i =ma'],
    ['Lima', 'Liima', '=Li xi =ma', '=Lima'],
    ['Lima', 'Quito', 'xQu =i xto', '-L =i -ma'],
    ['naïve', 'naive', '=na xi =ve', '=na -ï =ve'],
    ['abc', 'xyz', 'xxyz', '-abc'],
    ['', 'x', 'xx', ''],
    ['がぎ', 'かぎ', 'xか =ぎ', '-が =ぎ'],
    ['👩‍👩‍👧 family', '👩‍👩‍👦 family', 'x👩‍👩‍👦 = family', '-👩‍👩‍👧 = family'],
  ])('beside %j, %j is %j and %j', (expected, typed, provided, wanted) => {
    const comparison = compareTyped(expected, typed);
    expect([shown(comparison.provided), shown(comparison.expected)]).toEqual([provided, wanted]);
  });

  it('is the same however its letters are put together', () => {
    expect(isRight(compareTyped('é', 'e\u0301'))).toBe(true);
    expect(isRight(compareTyped('e\u0301', 'é'))).toBe(true);
  });

  it('may lack accents where the template says so', () => {
    expect(isRight(compareTyped('Bogotá', 'Bogota', true))).toBe(true);
    expect(isRight(compareTyped('Bogotá', 'Bogota'))).toBe(false);
    expect(shown(compareTyped('Bogotá', 'Bogotx', true).expected)).toBe('=Bogot -á');
  });

  it('loses no letter of either side', () => {
    const words = ['', 'a', 'abcabba', 'cbabac', 'xaxbxcx', 'éé', '水みず', 'aaaa', 'hello world'];
    for (const expected of words) {
      for (const typed of words) {
        const { provided, expected: wanted } = compareTyped(expected, typed);
        expect(wanted.map(({ text }) => text).join('')).toBe(expected);
        if (provided.length === 0) expect(typed).toBe(expected);
        const kept = provided.filter(({ kind }) => kind !== 'missed');
        if (provided.length > 0) expect(kept.map(({ text }) => text).join('')).toBe(typed);
        const good = (pieces: Piece[]) =>
          pieces
            .filter(({ kind }) => kind === 'good')
            .map(({ text }) => text)
            .join('');
        if (provided.length > 0) expect(good(provided)).toBe(good(wanted));
      }
    }
  });

  it('is one piece where it is too long to be compared letter by letter', () => {
    const { expected } = compareTyped('ab'.repeat(30_000), 'cd'.repeat(30_000));
    expect(expected).toEqual([{ kind: 'missed', text: 'ab'.repeat(30_000) }]);
  });
});

describe('what is expected', () => {
  it.each([
    ['<b>Lima</b>', 'Lima'],
    ['a<br>b<div>c</div>', 'a b c'],
    ['a&nbsp;&amp;&lt;b', 'a &<b'],
    ['Lima [sound:x.mp3]', 'Lima'],
    ['<img src=x onerror=alert(1)>x<script>y</script>', 'x'],
  ])('%j is the text %j', (html, text) => {
    expect(expectedText(html)).toBe(text);
  });
});

describe('a card that asks to type', () => {
  const typed = {
    field: 'B',
    expected: 'Li<b>ma</b>',
    ignores_accents: false,
    font: 'Arial',
    size: 20,
  };
  const card = cardOf(1, {
    question: 'Peru [[type:B]]',
    answer: 'Peru [[type:B]]<hr id=answer>more',
    typed,
  });

  it('has no mark in its question', () => {
    expect(questionHtml(card)).toBe('Peru ');
  });

  it('shows the comparison under the line, in the place of the mark', () => {
    const html = answerHtml(card, 'Lxma');
    expect(html).toContain('Peru <hr id="answer"><div');
    expect(html).toContain('<span class="typeBad">x</span>');
    expect(html).toContain('<span class="typeMissed">i</span>');
    expect(html).toContain('typearrow');
    expect(html).not.toContain('[[type');
    expect(html.match(/<hr/g)).toHaveLength(1);
  });

  it('shows what is right as such, and nothing typed as what was expected', () => {
    expect(answerHtml(card, 'Lima')).toContain('<span class="typeGood">Lima</span>');
    expect(answerHtml(card, '')).toContain('<code id="typeans">Lima</code>');
  });

  it('does not take what is typed for markup', () => {
    const html = answerHtml(card, '<img src=x>[sound:x.mp3]$&');
    expect(html).not.toContain('<img');
    expect(html).not.toContain('[sound:');
    expect(html).toContain('$&#38;');
  });

  it('does not take the name of a font for more than that', () => {
    const odd = { ...card, typed: { ...typed, font: `x'; background: url(y); "><b>` } };
    expect(answerHtml(odd, 'x')).toContain(`font-family: 'x background urly b'`);
  });

  it('has no mark left where nothing is to be typed', () => {
    expect(answerHtml({ ...card, typed: null }, '')).toBe('Peru <hr id=answer>more');
  });
});
