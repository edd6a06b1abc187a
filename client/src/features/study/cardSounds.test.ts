import { describe, expect, it, vi } from 'vitest';

import { soundsByThemselves, soundsToReplay } from './cardSounds';
import { makePlayer } from './player';
import { makeStopwatch } from './stopwatch';
import { cardOf } from './testCards';

const question = '[sound:q.mp3]';
const card = cardOf(1, { question, answer: `${question}<hr id=answer>[sound:a.mp3][sound:b.mp3]` });
const quiet = { ...card, options: { ...card.options, autoplay: false } };

describe('the sounds that are played by themselves', () => {
  it('are those of the question, then those that the answer has of its own', () => {
    expect(soundsByThemselves(card, 'question')).toEqual(['q.mp3']);
    expect(soundsByThemselves(card, 'answer')).toEqual(['a.mp3', 'b.mp3']);
  });

  it('are those that the answer has again without the question around', () => {
    const again = { ...card, question: `x ${question}`, answer: `${question} y` };
    expect(soundsByThemselves(again, 'answer')).toEqual(['q.mp3']);
  });

  it('are none where the deck says so', () => {
    expect(soundsByThemselves(quiet, 'question')).toEqual([]);
    expect(soundsByThemselves(quiet, 'answer')).toEqual([]);
  });
});

describe('the sounds that are played again', () => {
  it('are those of the side, with the question’s if the deck says so', () => {
    expect(soundsToReplay(quiet, 'question')).toEqual(['q.mp3']);
    expect(soundsToReplay(quiet, 'answer')).toEqual(['q.mp3', 'a.mp3', 'b.mp3']);
    const short = { ...card, options: { ...card.options, replay_question: false } };
    expect(soundsToReplay(short, 'answer')).toEqual(['a.mp3', 'b.mp3']);
  });
});

describe('the player', () => {
  const made = () => {
    const audio = { src: '', pause: vi.fn(), play: vi.fn(() => Promise.resolve()) };
    const element = audio as unknown as HTMLAudioElement;
    return { audio, element, player: makePlayer({ make: () => element }) };
  };
  const end = (element: HTMLAudioElement) => {
    element.onended?.(new Event('ended'));
  };

  it('plays one sound after another', () => {
    const { audio, element, player } = made();
    player.play(['/a', '/b']);
    expect(audio.src).toBe('/a');
    end(element);
    expect(audio.src).toBe('/b');
    end(element);
    expect(audio.play).toHaveBeenCalledTimes(2);
  });

  it('stops at the next card, and plays nothing of the last one', () => {
    const { audio, element, player } = made();
    player.play(['/a', '/b']);
    player.stop();
    end(element);
    expect(audio.pause).toHaveBeenCalled();
    expect(audio.play).toHaveBeenCalledTimes(1);
  });

  it('is silent where the browser allows no sound', async () => {
    const { audio, player } = made();
    audio.play.mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'));
    player.play(['/a']);
    await Promise.resolve();
    expect(audio.play).toHaveBeenCalledTimes(1);
  });
});

describe('the stopwatch', () => {
  it('does not run while nobody sees the card', () => {
    let now = 0;
    const stopwatch = makeStopwatch(() => now);
    now = 3000;
    stopwatch.pause();
    now = 60_000;
    expect(stopwatch.elapsedMs()).toBe(3000);
    stopwatch.resume();
    stopwatch.resume();
    now = 61_000;
    expect(stopwatch.elapsedMs()).toBe(4000);
    stopwatch.restart();
    expect(stopwatch.elapsedMs()).toBe(0);
  });
});
