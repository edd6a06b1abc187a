/** Renders a part of the application as it stands in it: routes, queries, English words, toasts. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter } from 'react-router';
import { afterEach } from 'vitest';

import { setLanguage, startI18n } from '@/shared/i18n/i18n';
import { ToastRegion } from '@/shared/ui';

afterEach(cleanup);

// jsdom knows dialogs, but not how to show them.
if (!('showModal' in HTMLDialogElement.prototype)) {
  Object.assign(HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) {
      this.open = true;
    },
    close(this: HTMLDialogElement) {
      this.open = false;
    },
  });
}

let started: Promise<void> | null = null;

/** Show `page` at an address; what was fetched before is not known. */
export async function showPage(page: ReactNode, address = '/') {
  started ??= startI18n();
  await started;
  await setLanguage('en');
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={[address]}>{page}</MemoryRouter>
      <ToastRegion />
    </QueryClientProvider>,
  );
}
