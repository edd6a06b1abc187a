/** Pictures that cannot be loaded are shown as they were kept on this device. */
import { currentSession } from '@/shared/api/session';
import { keptMedia } from '@/shared/store/keptMedia';

/** Give back how to stop. */
export function showKeptPictures(page: Document): () => void {
  const listening = new AbortController();
  page.addEventListener('error', (event) => void showKept(event.target), {
    capture: true,
    signal: listening.signal,
  });
  return () => listening.abort();
}

async function showKept(target: EventTarget | null): Promise<void> {
  if (!isPicture(target)) return;
  const address = target.getAttribute('src') ?? '';
  if (address === '' || address.startsWith('data:')) return;
  const file = await keptMedia(currentSession()?.username ?? '', address);
  // Its page shows pictures of the media's place, and those that are written out.
  if (file?.type.startsWith('image/')) target.setAttribute('src', await written(file));
}

/** By name: it is an element of another page. */
function isPicture(target: EventTarget | null): target is HTMLImageElement {
  return target !== null && 'localName' in target && target.localName === 'img';
}

function written(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
    reader.onerror = () => reject(new Error('The picture cannot be read.'));
    reader.readAsDataURL(file);
  });
}
