/** Whose account it is, as the service has it. */
import { http } from '@/shared/api/http';
import { setLanguage } from '@/shared/i18n/i18n';
import type { Language } from '@/shared/i18n/languages';

export interface Account {
  username: string;
  name: string;
  /** Null: the one of the browser. */
  language: Language | null;
  utc_offset_minutes: number | null;
  /** Epoch milliseconds. */
  created_at: number;
}

export type AccountChanges = Partial<Pick<Account, 'name' | 'language' | 'utc_offset_minutes'>>;

export const accountKey = ['account'] as const;

export async function fetchAccount(): Promise<Account> {
  const answer = await http.get<{ account: Account }>('/api/account');
  return answer.data.account;
}

export async function changeAccount(changes: AccountChanges): Promise<Account> {
  const answer = await http.put<{ account: Account }>('/api/account', changes);
  return answer.data.account;
}

/** Speak the language that the person has chosen, on whatever device. */
export async function applyAccountLanguage(): Promise<void> {
  const { language } = await fetchAccount();
  if (language) await setLanguage(language);
}

/** How far this device's clock is ahead of UTC, in minutes. */
export function deviceOffset(): number {
  // Where there is no difference it is -0, which is not what the service has.
  return -new Date().getTimezoneOffset() || 0;
}
