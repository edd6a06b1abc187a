import { queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import { accountKey, fetchAccount } from '@/shared/data/account';

export const accountQuery = queryOptions({ queryKey: accountKey, queryFn: fetchAccount });

export interface NewToken {
  token: string;
  expires_at: number;
}

/** All other logins end; this one goes on with the new token. */
export async function changePassword(current: string, wanted: string): Promise<NewToken> {
  const body = { current_password: current, new_password: wanted };
  return (await http.post<NewToken>('/api/account/password', body)).data;
}

export async function logOutEverywhere(): Promise<void> {
  await http.post('/api/logout-everywhere');
}

export async function deleteAccount(password: string): Promise<void> {
  await http.delete('/api/account', { data: { password }, timeout: 0 });
}
