/** The answers that wait: in IndexedDB, or in memory where the browser keeps nothing. */
import { type StoredAnswer, database } from './database';

let memory: StoredAnswer[] = [];
let lastId = 0;

export async function addAnswer(answer: StoredAnswer): Promise<void> {
  try {
    await (await database()).add('answers', answer);
  } catch {
    lastId -= 1; // below all that IndexedDB gives
    memory.push({ ...answer, id: lastId });
  }
}

/** A person's answers in the order in which they were given. */
export async function answersOf(username: string): Promise<StoredAnswer[]> {
  const kept = memory.filter((answer) => answer.username === username);
  try {
    return [
      ...(await (await database()).getAllFromIndex('answers', 'username', username)),
      ...kept,
    ];
  } catch {
    return kept;
  }
}

/** Keep a person's answers, but no longer what the cards have on them. */
export async function forgetCards(username: string): Promise<void> {
  for (const { card, ...answer } of await answersOf(username)) {
    if (card === undefined) continue;
    await removeAnswer(answer);
    await addAnswer(answer);
  }
}

export async function removeAnswer(answer: StoredAnswer): Promise<void> {
  memory = memory.filter((one) => one.key !== answer.key);
  try {
    if (answer.id !== undefined && answer.id > 0) {
      await (await database()).delete('answers', answer.id);
    }
  } catch {
    // Sent again it changes nothing: the service knows its key.
  }
}
