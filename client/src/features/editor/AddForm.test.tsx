import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createRoutesStub } from 'react-router';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Notetype } from '@/shared/data/notetypes';
import { startI18n } from '@/shared/i18n/i18n';
import { type Asked, type Reply, serveWith } from '@/testing/fakeService';

import { AddForm } from './AddForm';

const field = (name: string) => ({ name, rtl: false, sticky: false, description: '' });
const NOTETYPES = [
  {
    id: 1,
    name: 'Basic',
    kind: 'standard',
    fields: [field('Front'), field('Back')],
    templates: [],
  },
  { id: 2, name: 'Cloze', kind: 'cloze', fields: [field('Text'), field('Extra')], templates: [] },
] as unknown as Notetype[];

const deck = (id: number, name: string) => ({ id, name, filtered: false });

function reply({ method, url }: Asked): Reply | 'away' {
  if (url === '/api/decks') {
    return { body: { decks: [deck(7, 'Words'), deck(8, 'Other')], counts: {} } };
  }
  if (url === '/api/tags') return { body: { tags: [{ name: 'verb', notes: 3 }] } };
  if (method === 'POST' && url === '/api/cards') {
    return isAway ? 'away' : { body: { note_id: 5, card_id: 6, card_ids: [6, 9] } };
  }
  return { body: { ordinals: [], card: null, duplicate_of: null, media_url: '/m/' } };
}

let asked: Asked[] = [];
let isAway = false;
const added = () => asked.filter((one) => one.method === 'POST' && one.url === '/api/cards');

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const Stub = createRoutesStub([
    {
      path: '/decks/7/add',
      Component: () => (
        <QueryClientProvider client={client}>
          <AddForm deckId={7} notetypes={NOTETYPES} />
        </QueryClientProvider>
      ),
    },
  ]);
  render(<Stub initialEntries={['/decks/7/add']} />);
}

const area = (name: string) => screen.getByRole<HTMLTextAreaElement>('textbox', { name });

afterEach(cleanup);

beforeAll(async () => {
  window.matchMedia = () => ({ matches: false, addEventListener: () => undefined }) as never;
  await startI18n();
});

beforeEach(() => {
  localStorage.clear();
  isAway = false;
  asked = serveWith(reply);
});

test('by keyboard alone: write, add, and write the next one', async () => {
  show();
  expect(area('Front')).toHaveFocus();
  await userEvent.keyboard('el perro{Tab}the dog{Enter}a pet');
  await userEvent.click(screen.getByRole('combobox', { name: 'Tags' }));
  await userEvent.keyboard('animal, A1{Control>}{Enter}{/Control}');
  await waitFor(() => expect(screen.getByText('Added 2 cards.')).toBeVisible());
  expect(added()[0]?.body).toEqual({
    deck_id: 7,
    notetype_id: 1,
    fields: { Front: 'el perro', Back: 'the dog<br>a pet' },
    tags: ['animal', 'A1'],
  });
  expect(area('Front')).toHaveFocus();
  expect(area('Front')).toHaveValue('');
  expect(screen.getByRole('link', { name: 'el perro' })).toHaveAttribute(
    'href',
    '/cards/6/edit?back=%2Fdecks%2F7%2Fadd',
  );
});

test('an empty first field is said there, and nothing is sent', async () => {
  show();
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  expect(area('Front')).toBeInvalid();
  expect(area('Front')).toHaveAccessibleDescription('The first field must not be empty.');
  expect(added()).toHaveLength(0);
});

test('what could not be sent is sent again under the same key', async () => {
  isAway = true;
  show();
  await userEvent.keyboard('word{Control>}{Enter}{/Control}');
  await screen.findByRole('alert');
  expect(area('Front')).toHaveValue('word');
  isAway = false;
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  await screen.findByText('Added 2 cards.');
  const keys = added().map((one) => one.headers['Idempotency-Key']);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

test('the selection is wrapped by keys, deletions with the next number', async () => {
  show();
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Note type' }), 'Cloze');
  await userEvent.type(area('Text'), 'Lisboa Portugal');
  area('Text').setSelectionRange(0, 6);
  await userEvent.keyboard('{Control>}{Shift>}c{/Shift}{/Control}');
  expect(area('Text')).toHaveValue('{{c1::Lisboa}} Portugal');
  area('Text').setSelectionRange(15, 23);
  await userEvent.keyboard('{Control>}{Shift>}c{/Shift}{/Control}');
  expect(area('Text')).toHaveValue('{{c1::Lisboa}} {{c2::Portugal}}');
  area('Text').setSelectionRange(21, 29);
  await userEvent.keyboard('{Control>}b{/Control}');
  expect(area('Text')).toHaveValue('{{c1::Lisboa}} {{c2::<b>Portugal</b>}}');
});

test('another notetype keeps what was written, and is remembered for the deck', async () => {
  show();
  await userEvent.keyboard('word{Tab}meaning');
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Note type' }), 'Cloze');
  expect(area('Text')).toHaveValue('word');
  expect(area('Extra')).toHaveValue('meaning');
  expect(localStorage.getItem('javumbo.notetypes.')).toContain('"7":2');
});
