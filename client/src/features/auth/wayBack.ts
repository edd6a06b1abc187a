/** Where to go after the login: an address of this application, never of another place. */
export function wayBack(next: string | null): string {
  if (!next?.startsWith('/') || /^\/[/\\]/.test(next)) return '/';
  return next;
}
