/** Leaving this device: what was fetched is forgotten, what waits to be sent is not. */
import { endSession } from '@/shared/api/session';
import { flush } from '@/shared/outbox/outbox';
import { answersOf, forgetCards, removeAnswer } from '@/shared/store/answers';
import { forgetFetched } from '@/shared/store/database';
import { forgetMedia } from '@/shared/store/keptMedia';

const LAST_TRY_MS = 2000;

/** How many answers the service does not have yet, after a last short try to send them. */
export async function unsentAnswers(username: string): Promise<number> {
  if ((await answersOf(username)).length === 0) return 0;
  await Promise.race([flush(), new Promise((resolve) => setTimeout(resolve, LAST_TRY_MS))]);
  return (await answersOf(username)).length;
}

/** End the session here, and forget what was fetched for it. */
export async function leave(username: string): Promise<void> {
  await forgetFetched(username);
  await forgetCards(username);
  await forgetMedia(username);
  endSession();
}

/** As `leave`, for who does not come back: nothing is left to be sent. */
export async function leaveForGood(username: string): Promise<void> {
  for (const answer of await answersOf(username)) await removeAnswer(answer);
  await leave(username);
}
