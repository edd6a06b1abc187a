import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/react';
import 'fake-indexeddb/auto';

// How long a busy machine may take; what never comes still fails.
configure({ asyncUtilTimeout: 15_000 });
