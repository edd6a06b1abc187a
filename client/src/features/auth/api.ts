import { http } from '@/shared/api/http';
import type { Session } from '@/shared/api/session';

export interface Credentials {
  username: string;
  password: string;
}

export interface Registration extends Credentials {
  name: string;
  sample_deck: boolean;
}

export async function logIn(credentials: Credentials): Promise<Session> {
  const answer = await http.post<Session>('/api/login', { ...credentials, ...offset() });
  const { token, username, name, expires_at } = answer.data;
  return { token, username, name, expires_at };
}

export async function register(registration: Registration): Promise<void> {
  await http.post('/api/register', { ...registration, ...offset() });
}

/** How far this device's clock is ahead of UTC, so that the day turns at the person's own hour. */
function offset() {
  return { utc_offset_minutes: -new Date().getTimezoneOffset() };
}
