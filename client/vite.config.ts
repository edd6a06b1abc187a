import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { loadEnv } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

// What the local server answers by itself; all else is the client's.
const SERVER_PATHS = [
  '/api',
  '/health',
  '/openapi.json',
  '/docs',
  '/uploads',
  '/downloads',
  // The page at /media is the client's.
  '/media/[^/]+',
];

// What every page needs comes in two files and not in twenty: each costs a slow phone a round trip.
const LIBRARIES = {
  name: 'libraries',
  test: /node_modules[\\/](?:react|react-dom|scheduler|react-router|@tanstack|i18next|react-i18next|axios|idb)[\\/]/,
};
const SHARED = { name: 'shared', test: /src[\\/]shared[\\/]/, minShareCount: 8 };

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), '');
  const server = env['JAVUMBO_SERVER'] ?? 'http://127.0.0.1:8000';
  return {
    base: env['VITE_APP_BASE_PATH'] ?? '/',
    plugins: [react(), pwa()],
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
    server: {
      proxy: Object.fromEntries(SERVER_PATHS.map((path) => [`^${path}(/|\\?|$)`, server])),
    },
    build: {
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { output: { codeSplitting: { groups: [LIBRARIES, SHARED] } } },
    },
    test: {
      environment: 'jsdom',
      setupFiles: ['src/testing/setup.ts'],
      restoreMocks: true,
      testTimeout: 60_000,
      projects: [
        // What shows nothing leaves nothing behind: one page for all of it saves most of the time.
        { extends: true, test: { name: 'logic', include: ['src/**/*.test.ts'], isolate: false } },
        { extends: true, test: { name: 'pages', include: ['src/**/*.test.tsx'] } },
      ],
    },
  };
});

function pwa() {
  return VitePWA({
    registerType: 'prompt',
    injectRegister: false,
    manifest: {
      name: 'JAVUMBO',
      short_name: 'JAVUMBO',
      description: 'Flashcards with Anki collections',
      display: 'standalone',
      start_url: '.',
      theme_color: '#0f766e',
      background_color: '#f6f7f7',
      icons: [
        { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
        { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
        { src: 'icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      ],
    },
    workbox: {
      // Only the application itself is kept: never an answer of the API, which is somebody's own.
      globPatterns: ['**/*.{js,css,html,svg,png,woff2}'],
      navigateFallbackDenylist: SERVER_PATHS.map((path) => new RegExp(`^${path}(/|$)`)),
      cleanupOutdatedCaches: true,
      // No script is loaded by another, which trusted types would refuse.
      inlineWorkboxRuntime: true,
    },
  });
}
