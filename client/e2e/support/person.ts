/** Somebody with an account, who also uses the API by themselves. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { inject } from 'vitest';

export const PASSWORD = 'correct horse battery';

export interface Deck {
  id: number;
  name: string;
  counts: { new: number; learn: number; review: number };
  total_cards: number;
}

interface Session {
  token: string;
  username: string;
  name: string;
  expires_at: number;
}

interface Asked {
  json?: unknown;
  file?: Uint8Array<ArrayBuffer>;
}

let people = 0;

export class Person {
  readonly address: string;
  readonly session: Session;

  constructor(address: string, session: Session) {
    this.address = address;
    this.session = session;
  }

  async deck(name: string): Promise<number> {
    return (await this.call<{ deck_id: number }>('POST', '/api/decks', { json: { name } })).deck_id;
  }

  async decks(): Promise<Deck[]> {
    return (await this.call<{ decks: Deck[] }>('GET', '/api/decks')).decks;
  }

  /** A deck by its full name. */
  async deckNamed(name: string): Promise<Deck> {
    const deck = (await this.decks()).find((one) => one.name === name);
    if (!deck) throw new Error(`There is no deck ${name}.`);
    return deck;
  }

  /** A new deck with so many basic cards: `word 1` and `meaning 1`, and so on. */
  async deckOf(count: number, name = 'Words'): Promise<number> {
    const deckId = await this.deck(name);
    for (let number = 1; number <= count; number += 1) {
      await this.card(deckId, { front: `word ${number}`, back: `meaning ${number}` });
    }
    return deckId;
  }

  async card(deckId: number, card: Record<string, unknown>): Promise<number> {
    const json = { deck_id: deckId, ...card };
    return (await this.call<{ card_id: number }>('POST', '/api/cards', { json })).card_id;
  }

  async importFile(path: string): Promise<void> {
    await this.call('POST', '/api/import', { file: new Uint8Array(await readFile(path)) });
  }

  /** The name under which it is stored. */
  async media(name: string, file: Uint8Array<ArrayBuffer>): Promise<string> {
    const path = `/api/media?name=${encodeURIComponent(name)}`;
    return (await this.call<{ name: string }>('POST', path, { file })).name;
  }

  /** How often this person has answered, as the service knows it. */
  async answers(): Promise<number> {
    const stats = await this.call<{ today: { answer_count: number } }>('GET', '/api/stats');
    return stats.today.answer_count;
  }

  /** The answers, as soon as there are so many; else those after a while. */
  async answersAtLeast(count: number): Promise<number> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const answers = await this.answers();
      if (answers >= count || Date.now() > deadline) return answers;
      await sleep(100);
    }
  }

  async call<Answer = unknown>(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await fetch(this.address + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.session.token}`,
        'Content-Type': asked.file ? 'application/octet-stream' : 'application/json',
      },
      body: asked.file ?? (asked.json === undefined ? null : JSON.stringify(asked.json)),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Answer;
  }
}

/** A new account, with the sample deck only where it is asked for. */
export async function newPerson(
  options: { address?: string; sampleDeck?: boolean } = {},
): Promise<Person> {
  const { address = inject('address'), sampleDeck = false } = options;
  const username = newName();
  const offset = { utc_offset_minutes: -new Date().getTimezoneOffset() };
  const account = { username, name: 'Ana Souza', password: PASSWORD, sample_deck: sampleDeck };
  await post(address, '/register', { ...account, ...offset });
  const { token, name, expires_at } = await post<Session>(address, '/login', {
    ...{ username, password: PASSWORD },
    ...offset,
  });
  return new Person(address, { token, username, name, expires_at });
}

/** A name that nobody has. */
export function newName(): string {
  people += 1;
  return `person-${process.pid}-${people}`;
}

async function post<Answer>(address: string, path: string, body: unknown): Promise<Answer> {
  const answer = await fetch(address + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
