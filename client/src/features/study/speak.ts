/** Reads texts out by a voice of this device: none that would send them elsewhere. */
import type { Speech } from '@/shared/cards/sounds';

/** Some browsers fetch their voices when they are asked for the first time. */
const VOICES_WAIT_MS = 1000;
/** A voice that never says that it is done holds nothing up: so long for a letter, and at least. */
const LETTER_MS = 250;
const LEAST_MS = 5000;

/** Speak, then call `onEnd`; at once where there is no voice for the language. Returns how to stop. */
export function speak({ text, lang, speed }: Speech, onEnd: () => void): () => void {
  if (!('speechSynthesis' in window) || text === '') {
    onEnd();
    return () => undefined;
  }
  const synthesis = window.speechSynthesis;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    onEnd();
  };
  const begin = () => {
    const voice = voiceFor(lang, synthesis.getVoices());
    if (isOver || !voice) {
      end();
      return;
    }
    const utterance = new SpeechSynthesisUtterance(text);
    Object.assign(utterance, { voice, lang: voice.lang, rate: speed, onend: end, onerror: end });
    timer = setTimeout(end, Math.max(LEAST_MS, (text.length * LETTER_MS) / speed));
    synthesis.speak(utterance);
  };
  if (synthesis.getVoices().length > 0) begin();
  else timer = setTimeout(begin, VOICES_WAIT_MS);
  return () => {
    isOver = true;
    clearTimeout(timer);
    synthesis.cancel();
  };
}

type Voice = Pick<SpeechSynthesisVoice, 'lang' | 'localService' | 'default'>;

/** A voice of the very language and country, else of the language. */
export function voiceFor<V extends Voice>(lang: string, voices: readonly V[]): V | undefined {
  const wanted = tag(lang);
  const here = voices.filter((voice) => voice.localService);
  if (wanted === '') return here.find((voice) => voice.default) ?? here[0];
  const ofLanguage = here.filter((voice) => base(tag(voice.lang)) === base(wanted));
  return ofLanguage.find((voice) => tag(voice.lang) === wanted) ?? ofLanguage[0];
}

const tag = (lang: string) => lang.replaceAll('_', '-').toLowerCase();
const base = (lang: string) => lang.split('-')[0];
