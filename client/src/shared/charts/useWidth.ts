import { useCallback, useState } from 'react';

/** Where nothing is laid out, as in tests. */
const UNKNOWN_WIDTH = 600;

/** How wide an element is, now and whenever it changes. */
export function useWidth(): [width: number, ref: (node: HTMLElement | null) => void] {
  const [width, setWidth] = useState(UNKNOWN_WIDTH);
  const ref = useCallback((node: HTMLElement | null) => {
    if (!node) return;
    const measure = () => setWidth(node.clientWidth || UNKNOWN_WIDTH);
    measure();
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [width, ref];
}
