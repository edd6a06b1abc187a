/** Numbers, dates and durations as the person's language writes them. */
import i18next from 'i18next';

const language = () => (i18next.language === 'pseudo' ? 'en' : i18next.language);

/** Formats that were made before: making one takes much longer than using it. */
const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return kept(numberFormats, options, () => new Intl.NumberFormat(language(), options)).format(
    value,
  );
}

/** 0.873 as 87.3 %. */
export function formatPercent(share: number, digits = 1): string {
  return formatNumber(share, { style: 'percent', maximumFractionDigits: digits });
}

export function formatDate(ms: number, options?: Intl.DateTimeFormatOptions): string {
  return dateFormat(options ?? { dateStyle: 'medium' }).format(ms);
}

/** From one day to another, without saying twice what both share. */
export function formatDateRange(
  fromMs: number,
  toMs: number,
  options: Intl.DateTimeFormatOptions,
): string {
  return dateFormat(options).formatRange(fromMs, toMs);
}

export function formatDateTime(ms: number): string {
  return formatDate(ms, { dateStyle: 'medium', timeStyle: 'short' });
}

export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return formatNumber(bytes / 1000 ** power, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power ? 'short' : 'long',
    maximumFractionDigits: power ? 1 : 0,
  });
}

const DURATIONS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A span of seconds in its largest fitting unit, for example "4.2 min". */
export function formatDuration(seconds: number, unitDisplay: 'short' | 'long' = 'short'): string {
  const [unit, size] = DURATIONS.find(([, size]) => seconds >= size) ?? DURATIONS[3];
  return formatNumber(seconds / size, {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: unit === 'second' ? 0 : 1,
  });
}

/** How far away a moment is: "in 10 minutes", "3 days ago". */
export function formatRelative(ms: number, nowMs: number): string {
  const seconds = (ms - nowMs) / 1000;
  const [unit, size] = DURATIONS.find(([, size]) => Math.abs(seconds) >= size) ?? DURATIONS[3];
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  return format.format(Math.round(seconds / size), unit);
}

/** Compares names as people of this language sort them. */
export function compareNames(first: string, second: string): number {
  return new Intl.Collator(language(), { numeric: true, sensitivity: 'base' }).compare(
    first,
    second,
  );
}

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const make = () => new Intl.DateTimeFormat(language(), options);
  // A device's own time zone can change while the page is open.
  return options.timeZone ? kept(dateFormats, options, make) : make();
}

function kept<T>(formats: Map<string, T>, options: object | undefined, make: () => T): T {
  const key = `${language()} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? make();
  formats.set(key, format);
  return format;
}
