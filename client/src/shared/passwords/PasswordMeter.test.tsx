import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import { serveWith } from '@/testing/fakeService';
import { showPage } from '@/testing/showPage';

import { PasswordMeter, shownScore } from './PasswordMeter';

const weak = { score: 1, warning: 'like_common', suggestions: ['add_words'], problem: null };

test('a password that would be refused is not shown as a good one', () => {
  expect(shownScore({ ...weak, score: 3, problem: 'is too common' })).toBe(0);
  expect(shownScore({ ...weak, score: 3 })).toBe(3);
});

test('says how weak a password is, and what helps', async () => {
  const seen = serveWith(() => ({ body: weak }));
  await showPage(<PasswordMeter password="perro123" username="ana" />);
  expect(await screen.findByText('Weak.')).toBeInTheDocument();
  expect(screen.getByText(/Add another word or two/)).toBeInTheDocument();
  expect(seen).toHaveLength(1);
});

test('is silent where the service does not say', async () => {
  serveWith(() => 'away');
  await showPage(<PasswordMeter password="perro123" />);
  expect(screen.getByText(/A few words/)).toBeInTheDocument();
});
