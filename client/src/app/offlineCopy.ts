/** The copy of the application that opens without a network, and what happens at a new version. */

interface ScriptPolicy {
  createScriptURL: (url: string) => string;
}
interface TrustedTypes {
  createPolicy: (name: string, rules: ScriptPolicy) => ScriptPolicy;
}

/** Keep the application on this device; `onNew` is told when a newer version is ready. */
export async function startOfflineCopy(onNew: (use: () => void) => void): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  try {
    const scope = import.meta.env.BASE_URL;
    const worker = await navigator.serviceWorker.register(trusted(`${scope}sw.js`), { scope });
    watch(worker, onNew);
  } catch {
    // Private windows refuse: then the application is there online only.
  }
}

function watch(worker: ServiceWorkerRegistration, onNew: (use: () => void) => void): void {
  const tell = (waiting: ServiceWorker) => {
    onNew(() => {
      navigator.serviceWorker.addEventListener('controllerchange', () => window.location.reload());
      waiting.postMessage({ type: 'SKIP_WAITING' });
    });
  };
  if (worker.waiting && navigator.serviceWorker.controller) tell(worker.waiting);
  worker.addEventListener('updatefound', () => {
    const installing = worker.installing;
    installing?.addEventListener('statechange', () => {
      // The very first one is no news.
      if (installing.state === 'installed' && navigator.serviceWorker.controller) tell(installing);
    });
  });
}

/** The one address of a script that the page's policy lets through, besides its own files. */
function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('javumbo', { createScriptURL: () => url });
  return policy ? policy.createScriptURL(url) : url;
}
