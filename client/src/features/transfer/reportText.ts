/** The service's sentences about an import, of which there can be very many. */

const SHOWN = 5;

/** The first ones, and those that are behind a click. */
export function shortened(log: readonly string[]): { shown: string[]; hidden: string[] } {
  // One line more takes no more room than the words that there is one.
  if (log.length <= SHOWN + 1) return { shown: [...log], hidden: [] };
  return { shown: log.slice(0, SHOWN), hidden: log.slice(SHOWN) };
}
