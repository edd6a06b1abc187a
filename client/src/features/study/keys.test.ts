import { afterEach, describe, expect, it } from 'vitest';

import { type Key, commandOf, isSpokenFor } from './keys';

function key(name: string, more: Partial<Key> = {}): Key {
  const none = { ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, repeat: false };
  return { key: name, code: '', ...none, ...more };
}
const control = (name: string, more: Partial<Key> = {}) => key(name, { ctrlKey: true, ...more });

describe('a key', () => {
  it.each([' ', 'Enter'])('%j shows the answer, then says Good', (name) => {
    expect(commandOf(key(name), 'question')).toEqual({ kind: 'show' });
    expect(commandOf(key(name), 'answer')).toEqual({ kind: 'rate', rating: 3 });
  });

  it.each([1, 2, 3, 4])('%i rates, once the answer is shown', (rating) => {
    expect(commandOf(key(String(rating)), 'question')).toBeNull();
    expect(commandOf(key(String(rating)), 'answer')).toEqual({ kind: 'rate', rating });
  });

  it.each([
    [key('u'), 'undo'],
    [key('U', { shiftKey: true }), 'undo'],
    [control('z'), 'undo'],
    [key('z', { metaKey: true }), 'undo'],
    [control('Z', { shiftKey: true }), 'redo'],
    [control('y'), 'redo'],
    [key('e'), 'edit'],
    [key('у', { code: 'KeyE' }), 'edit'],
    [key('-'), 'bury'],
    [key('='), 'buryNote'],
    [key('@', { shiftKey: true }), 'suspend'],
    [key('*', { shiftKey: true }), 'mark'],
    [key('r'), 'replay'],
    [key('i'), 'info'],
    [key('A', { shiftKey: true }), 'advance'],
    [key('?', { shiftKey: true }), 'keys'],
  ])('%o asks to %s', (pressed, kind) => {
    expect(commandOf(pressed, 'question')).toEqual({ kind });
    expect(commandOf(pressed, 'answer')).toEqual({ kind });
  });

  it('sets a flag with Ctrl', () => {
    expect(commandOf(control('3', { code: 'Digit3' }), 'answer')).toEqual({
      kind: 'flag',
      flag: 3,
    });
    expect(commandOf(control('8', { code: 'Digit8' }), 'answer')).toBeNull();
  });

  it('does nothing with other modifiers', () => {
    expect(commandOf(key('1', { altKey: true }), 'answer')).toBeNull();
    expect(commandOf(control('r'), 'answer')).toBeNull();
    expect(commandOf(control('e'), 'answer')).toBeNull();
    expect(commandOf(key(' ', { metaKey: true }), 'answer')).toBeNull();
    expect(commandOf(key(' ', { shiftKey: true }), 'answer')).toBeNull();
  });

  it('does nothing while it is held, but to scroll', () => {
    for (const name of [' ', 'Enter', '3', 'u', '-', '@', '*']) {
      expect(commandOf(key(name, { repeat: true }), 'answer')).toBeNull();
    }
    expect(commandOf(control('z', { repeat: true }), 'answer')).toBeNull();
    expect(commandOf(key('ArrowDown', { repeat: true }), 'answer')?.kind).toBe('scroll');
  });

  it('does nothing that is not listed', () => {
    for (const name of ['5', 'a', 'Escape', 'Tab', 'F5', 'Shift']) {
      expect(commandOf(key(name), 'answer')).toBeNull();
    }
  });
});

describe('what has the focus', () => {
  afterEach(() => document.body.replaceChildren());
  const inside = (html: string) => {
    document.body.innerHTML = html;
    return document.querySelector('[data-here]');
  };

  it.each([
    '<input data-here>',
    '<textarea data-here></textarea>',
    '<select data-here></select>',
    '<div role="menu"><button data-here></button></div>',
    '<dialog open><p data-here></p></dialog>',
    '<dialog open></dialog><p data-here></p>',
  ])('keeps all its keys: %s', (html) => {
    const target = inside(html);
    for (const name of [' ', 'Enter', '3', 'u']) expect(isSpokenFor(target, name)).toBe(true);
  });

  it('keeps the keys that press it, if it is a button or a link', () => {
    for (const html of ['<button data-here></button>', '<a href="/" data-here></a>']) {
      const target = inside(html);
      expect(isSpokenFor(target, ' ')).toBe(true);
      expect(isSpokenFor(target, 'Enter')).toBe(true);
      expect(isSpokenFor(target, '3')).toBe(false);
    }
  });

  it('keeps nothing otherwise', () => {
    expect(isSpokenFor(inside('<h1 data-here></h1>'), ' ')).toBe(false);
    expect(isSpokenFor(null, ' ')).toBe(false);
  });
});
