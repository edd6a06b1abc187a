/** The service's time: a device's clock may be wrong, and answers say when they were given. */

const KEY = 'javumbo.clockSkew';
// The service says its time in whole seconds, and an answer takes a while.
const NOTEWORTHY_MS = 5000;

/** Epoch milliseconds as the service counts them, as far as we know. */
export function serviceNow(): number {
  const skewMs = Number(localStorage.getItem(KEY) ?? 0);
  return Date.now() + (Number.isFinite(skewMs) ? skewMs : 0);
}

/** Learn from the `Date` header of an answer how wrong this device's clock is. */
export function noteServiceTime(dateHeader: unknown): void {
  const serviceMs = typeof dateHeader === 'string' ? Date.parse(dateHeader) : NaN;
  if (Number.isNaN(serviceMs)) return;
  const skewMs = serviceMs - Date.now();
  if (Math.abs(skewMs) > NOTEWORTHY_MS) localStorage.setItem(KEY, String(skewMs));
  else localStorage.removeItem(KEY);
}
