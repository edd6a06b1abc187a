/** What a bar chart shows, and what its tooltip and its table say: one source for all three. */
import { formatNumber, formatPercent } from '@/shared/i18n/format';

import { sum } from './bins';
import type { Axis } from './scale';
import type { Layout } from './shapes';

export interface Series {
  label: string;
  /** The name of a token. */
  color: string;
}

export interface BarModel {
  series: readonly Series[];
  /** Of each bar a value per series. */
  bars: readonly (readonly number[])[];
  layout?: Layout;
  /** What the bars are, for example "Day". */
  barHeader: string;
  /** What a bar is called in the tooltip and the table. */
  labelOf: (index: number) => string;
  /** What it is called under the axis, in short; a line break makes two lines. */
  tickOf: (index: number) => string;
  format?: (value: number) => string;
  axisFor?: (max: number) => Axis;
  /** Marks of the axis; `format` if it is the same. */
  formatTick?: (value: number) => string;
  /** A share per bar, drawn as a line over the bars, from 0 to 1. */
  line?: { label: string; values: readonly (number | null)[] };
  /** More about each bar, in words only. */
  extras?: readonly { label: string; valueOf: (index: number) => string }[];
  /** What all series of a bar are called together; without it they are not added up. */
  total?: string;
  /** Where the keyboard begins: at the end where that is today. */
  startAt?: 'first' | 'last';
}

export interface Line {
  label: string;
  value: string;
  color?: string;
  isZero?: boolean;
}

export const NOTHING = '–';

export function formatShare(share: number | null): string {
  return share === null ? NOTHING : formatPercent(share);
}

/** Everything there is to say about one bar, in the order of the columns of the table. */
export function linesOf(model: BarModel, index: number): Line[] {
  const format = model.format ?? formatNumber;
  const values = model.bars[index] ?? [];
  const lines: Line[] = model.series.map(({ label, color }, series) => {
    const value = values[series] ?? 0;
    return { label, value: format(value), color, isZero: value === 0 };
  });
  if (model.total !== undefined) lines.push({ label: model.total, value: format(sum(values)) });
  if (model.line) {
    lines.push({ label: model.line.label, value: formatShare(model.line.values[index] ?? null) });
  }
  for (const { label, valueOf } of model.extras ?? []) lines.push({ label, value: valueOf(index) });
  return lines;
}

/** The same without the series of which there is nothing, where others say enough. */
export function shortLinesOf(model: BarModel, index: number): Line[] {
  const lines = linesOf(model, index);
  const some = lines.filter((line) => !line.isZero);
  return model.total === undefined ? lines : some;
}

export interface TableModel {
  columns: string[];
  rows: { name: string; cells: string[] }[];
}

export function tableOf(model: BarModel): TableModel {
  const lines = model.bars.map((_, index) => linesOf(model, index));
  return {
    columns: [model.barHeader, ...columnNames(model)],
    rows: lines.map((cells, index) => ({
      name: model.labelOf(index),
      cells: cells.map(({ value }) => value),
    })),
  };
}

function columnNames({ series, total, line, extras = [] }: BarModel): string[] {
  return [
    ...series.map(({ label }) => label),
    ...(total === undefined ? [] : [total]),
    ...(line ? [line.label] : []),
    ...extras.map(({ label }) => label),
  ];
}
