/** The one client of the API: who asks, what is tried again, and what an expired login means. */
import axios, { type AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

import { noteServiceTime } from './clock';
import { type ApiError, toApiError } from './errors';
import { currentSession, endSession } from './session';

/** Waits before the same request is sent again after a conflict. */
export const CONFLICT_WAITS_MS = [100, 200, 400] as const;
/** How often, and for how long at most, a request waits where the service asks to. */
const MAX_BUSY_TRIES = 2;
const MAX_BUSY_WAIT_MS = 10_000;
const TIMEOUT_MS = 30_000;

interface Tries {
  conflicts?: number;
  busy?: number;
}
type Config = InternalAxiosRequestConfig & { tries?: Tries };

export const http = axios.create({
  baseURL: import.meta.env.VITE_API_BASE_URL,
  timeout: TIMEOUT_MS,
});

http.interceptors.request.use((config) => {
  const session = currentSession();
  if (session && isOurs(config.url)) config.headers.set('Authorization', `Bearer ${session.token}`);
  return config;
});

http.interceptors.response.use(noteTime, async (failure: unknown) => {
  const error = toApiError(await readable(failure));
  const config = (failure as AxiosError).config as Config | undefined;
  const waitMs = config ? waitBeforeRetry(error, (config.tries ??= {})) : null;
  if (config && waitMs !== null) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    return http.request(config);
  }
  if (isExpired(error) && config?.headers.has('Authorization')) expire(config);
  throw error;
});

function noteTime(response: AxiosResponse): AxiosResponse {
  if (isOurs(response.config.url)) noteServiceTime(response.headers['date']);
  return response;
}

/** How long to wait before the same request is sent again, in milliseconds; null: not again. */
export function waitBeforeRetry(error: ApiError, tries: Tries): number | null {
  if (error.status === 409 && error.retry) {
    tries.conflicts = (tries.conflicts ?? 0) + 1;
    return CONFLICT_WAITS_MS[tries.conflicts - 1] ?? null;
  }
  const isBusy = error.status === 429 || (error.status === 503 && error.retry);
  if (!isBusy || error.retryAfterMs === null || error.retryAfterMs > MAX_BUSY_WAIT_MS) return null;
  tries.busy = (tries.busy ?? 0) + 1;
  return tries.busy <= MAX_BUSY_TRIES ? error.retryAfterMs : null;
}

/** A key under which a change is made once, however often it is sent. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

/** A wrong password is refused as a token is, and says nothing about the token. */
function isExpired({ status, code }: ApiError): boolean {
  return status === 401 && code !== 'invalid_credentials';
}

/** The session ends, unless another login replaced the token that was refused. */
function expire(config: Config): void {
  const sent = config.headers.get('Authorization');
  if (sent === `Bearer ${currentSession()?.token ?? ''}`) endSession();
}

/** An error's body where a file was asked for: then it comes as one. */
async function readable(failure: unknown): Promise<unknown> {
  const response = (failure as AxiosError).response;
  if (response?.data instanceof Blob) {
    try {
      response.data = JSON.parse(await response.data.text()) as unknown;
    } catch {
      response.data = undefined;
    }
  }
  return failure;
}

/** Signed addresses of the storage are somebody else's: they get no token. */
function isOurs(url = ''): boolean {
  return !/^[a-z]+:/i.test(url);
}
