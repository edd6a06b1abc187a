/** What outlasts a reload, in IndexedDB: answers on their way, and cards to study without a network. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

export interface StoredAnswer {
  /** Its place in the order in which answers were given; given by the store. */
  id?: number;
  /** Sent as Idempotency-Key, so that it counts once however often it is sent. */
  key: string;
  username: string;
  cardId: number;
  deckId: number;
  rating: number;
  timeTakenMs: number;
  answerToken: string;
  /** Epoch milliseconds: when the person answered. */
  answeredAt: number;
  /** The card as it was shown, for when the answer is taken back; it stays on this device. */
  card?: unknown;
}

interface Schema extends DBSchema {
  answers: { key: number; value: StoredAnswer; indexes: { username: string } };
  /** Answers of the service by `<username>/<what>`. */
  fetched: { key: string; value: unknown };
}

const NAME = 'javumbo';
const VERSION = 1;
let opened: Promise<IDBPDatabase<Schema>> | null = null;

export function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, VERSION, {
    upgrade(db) {
      const answers = db.createObjectStore('answers', { keyPath: 'id', autoIncrement: true });
      answers.createIndex('username', 'username');
      db.createObjectStore('fetched');
    },
    terminated: () => {
      opened = null;
    },
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** Keep what was fetched for when there is no network; a browser that cannot is no trouble. */
export async function keepFetched(username: string, what: string, value: unknown): Promise<void> {
  try {
    await (await database()).put('fetched', value, `${username}/${what}`);
  } catch {
    // Private windows and full disks: then there is nothing offline.
  }
}

export async function keptFetched(username: string, what: string): Promise<unknown> {
  try {
    return await (await database()).get('fetched', `${username}/${what}`);
  } catch {
    return undefined;
  }
}

/** Forget what was fetched for a person who logs out on this device; answers still wait. */
export async function forgetFetched(username: string): Promise<void> {
  try {
    const store = (await database()).transaction('fetched', 'readwrite').store;
    await store.delete(IDBKeyRange.bound(`${username}/`, `${username}/\uffff`));
  } catch {
    // There is nothing to forget where nothing can be kept.
  }
}
