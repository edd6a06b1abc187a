import './shared/theme/tokens.css';
import './shared/theme/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app/App';
import { makeRouter } from './app/router';
import { startI18n } from './shared/i18n/i18n';
import { startOutbox } from './shared/outbox/outbox';
import { startTheme } from './shared/theme/theme';

startTheme();
startOutbox();
// The page is on its way while the words are.
const router = makeRouter();
await startI18n();

const root = document.getElementById('root');
if (!root) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <App router={router} />
  </StrictMode>,
);
