/** Line drawings on a grid of 24, in the colour of the text around. Said by nobody: the text says it. */
const PATHS = {
  add: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  browse: 'M4 6h10M4 12h7M4 18h7M17 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm3-1l2.5 2.5',
  bury: 'M12 4v11m-5-4l5 5 5-5M5 20h14',
  check: 'M5 13l4.5 4.5L19 7',
  chevron: 'M9 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  columns: 'M4 5h16v14H4zM9.5 5v14m5-14v14',
  decks: 'M4 9h16v11H4zM6 5.5h12M8 2.5h8',
  download: 'M12 4v11m-5-4l5 5 5-5M5 20h14',
  edit: 'M4 20l1-4L16.5 4.5l3 3L8 19zM14 7l3 3',
  filter: 'M4 5h16l-6 7.5V19l-4-2v-4.5z',
  flag: 'M6 21V4h12l-3 4.5 3 4.5H6',
  help: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8m0 3v.5',
  history: 'M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4.5l3 2',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 8v5m0-8.5v.5',
  keyboard: 'M3 7h18v11H3zM6.5 10.5h.5m3 0h.5m3 0h.5m3 0h.5M8 14.5h8',
  more: 'M5.5 12h.5m6 0h.5m6 0h.5',
  offline: 'M4 4l16 16M8 8a6 6 0 0 0-1 10h10m2-1.5A4.5 4.5 0 0 0 17 9.5a6 6 0 0 0-5.5-3.4',
  picture: 'M4 5h16v14H4zm0 12l5-5 4 4 2.5-2.5L20 18M15 9.5h.5',
  play: 'M8 5l11 7-11 7z',
  saved: 'M7 18a4.5 4.5 0 0 1 0-9 6 6 0 0 1 11-.5A4.8 4.8 0 0 1 17.5 18zM9.5 13l2 2 3.5-3.5',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm5 11.5L21 21',
  settings:
    'M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zm-7 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  star: 'M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9z',
  stats: 'M5 20V11m5 9V5m5 15v-7m5 7V8',
  suspend: 'M9 6v12m6-12v12',
  sync: 'M5 12a7 7 0 0 1 12-5l2 2m0-5v5h-5M19 12a7 7 0 0 1-12 5l-2-2m0 5v-5h5',
  tag: 'M4 4h8l8.5 8.5-8 8L4 12zm4 4h.5',
  trash: 'M5 7h14M10 7V4h4v3m-7 0l1 13h8l1-13M10.5 11v5m3-5v5',
  undo: 'M9 6L4 11l5 5M4 11h10a5.5 5.5 0 0 1 0 11h-2',
  upload: 'M12 16V5m-5 4l5-5 5 5M5 20h14',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.5 8.5a7.5 7.5 0 0 1 15 0',
  warning: 'M12 4l9 16H3zm0 6v4.5m0 2.5v.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="1.25em"
      height="1.25em"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
