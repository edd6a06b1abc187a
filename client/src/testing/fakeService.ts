/** Stands where the network is: answers the requests of `http`, or is away. */
import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

import { http } from '@/shared/api/http';

export interface Asked {
  method: string;
  url: string;
  params: Record<string, unknown>;
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

export interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Answerer = (asked: Asked) => Reply | 'away' | Promise<Reply | 'away'>;

/** From now on `answer` answers; what was asked is in the list that is given back. */
export function serveWith(answer: Answerer): Asked[] {
  const seen: Asked[] = [];
  http.defaults.adapter = async (config) => {
    const asked = askedBy(config);
    seen.push(asked);
    const reply = await answer(asked);
    if (reply === 'away') throw new AxiosError('Network Error', AxiosError.ERR_NETWORK, config);
    return settled(config, reply);
  };
  return seen;
}

function askedBy(config: InternalAxiosRequestConfig): Asked {
  const data: unknown = config.data;
  return {
    method: (config.method ?? 'get').toUpperCase(),
    url: config.url ?? '',
    params: (config.params ?? {}) as Record<string, unknown>,
    body: (typeof data === 'string' ? JSON.parse(data) : {}) as Record<string, unknown>,
    headers: Object.fromEntries(
      Object.entries(config.headers.toJSON()).map(([k, v]) => [k, String(v)]),
    ),
  };
}

function settled(config: InternalAxiosRequestConfig, reply: Reply): AxiosResponse {
  const { status = 200, body = { success: true }, headers = {} } = reply;
  const response = { config, data: body, status, statusText: '', headers };
  if (status < 400) return response;
  throw new AxiosError('refused', AxiosError.ERR_BAD_REQUEST, config, null, response);
}
