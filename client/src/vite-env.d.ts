/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the API answers; empty is the same origin. */
  readonly VITE_API_BASE_URL: string;
  readonly VITE_APP_BASE_PATH: string;
}
