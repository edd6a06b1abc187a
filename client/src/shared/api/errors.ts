/** What can go wrong with a request, in one shape. */
import { isAxiosError } from 'axios';

interface ErrorBody {
  error?: string;
  message?: string;
  request_id?: string;
  retry?: boolean;
  fields?: Record<string, string>;
}

/** An answer that is no success, or none at all (status 0, code "unreachable"). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Whether the very same request can succeed later. */
  readonly retry: boolean;
  readonly fields: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(status: number, body: ErrorBody, retryAfterMs: number | null = null) {
    super(body.message ?? '');
    this.name = 'ApiError';
    this.status = status;
    this.code = body.error ?? 'unknown';
    this.retry = body.retry ?? false;
    this.fields = body.fields ?? {};
    this.requestId = body.request_id ?? '';
    this.retryAfterMs = retryAfterMs;
  }
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!isAxiosError(error)) throw error;
  const { response } = error;
  if (!response) {
    return new ApiError(0, { error: 'unreachable', message: error.message, retry: true });
  }
  return new ApiError(
    response.status,
    asBody(response.data),
    retryAfterMs(response.headers['retry-after']),
  );
}

/** What is wrong with one field, as the service says it. */
export function fieldError(error: unknown, field: string): string | undefined {
  return error instanceof ApiError ? error.fields[field] : undefined;
}

/** True where the network or the service is away, not the request at fault. */
export function isAway(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

function asBody(data: unknown): ErrorBody {
  return typeof data === 'object' && data !== null ? data : {};
}

function retryAfterMs(header: unknown): number | null {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : null;
}
