/** Where somebody came from: an address of this application, never of another place. */
export function wayBack(address: string | null): string | null {
  return address?.startsWith('/') && !/^\/[/\\]/.test(address) ? address : null;
}
