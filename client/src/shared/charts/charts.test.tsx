import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll, expect, test } from 'vitest';

import { BarChart } from './BarChart';
import { ChartFigure } from './ChartFigure';
import { HeatMap } from './HeatMap';
import english from './locales/en.json';
import { type BarModel, tableOf } from './model';

const model: BarModel = {
  series: [
    { label: 'Young', color: '--chart-young' },
    { label: 'Mature', color: '--chart-mature' },
  ],
  bars: [
    [3, 1],
    [0, 0],
    [1200, 4],
  ],
  barHeader: 'Day',
  labelOf: (index) => `Day ${index}`,
  tickOf: (index) => String(index),
  line: { label: 'Correct', values: [0.75, null, 1] },
  total: 'Total',
  startAt: 'last',
};

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: 'en', resources: { en: { charts: english } } });
});

afterEach(cleanup);

function drawn() {
  return render(
    <ChartFigure title="Reviews" summary="Many." table={() => tableOf(model)}>
      <BarChart label="Reviews" model={model} />
    </ChartFigure>,
  );
}

function openTable(container: HTMLElement): string[][] {
  const details = container.querySelector('details');
  if (!details) throw new Error('There is no table.');
  act(() => {
    details.open = true;
    fireEvent(details, new Event('toggle'));
  });
  return [...container.querySelectorAll('tr')].map((row) =>
    [...row.cells].map((cell) => cell.textContent),
  );
}

test('the table has the numbers of the chart', () => {
  const { container } = drawn();
  expect(openTable(container)).toEqual([
    ['Day', 'Young', 'Mature', 'Total', 'Correct'],
    ['Day 0', '3', '1', '4', '75%'],
    ['Day 1', '0', '0', '0', '–'],
    ['Day 2', '1,200', '4', '1,204', '100%'],
  ]);
});

test('arrow keys go along the bars, which say their values', () => {
  drawn();
  const chart = screen.getByRole('slider', { name: 'Reviews' });
  act(() => chart.focus());
  expect(chart).toHaveAttribute(
    'aria-valuetext',
    'Day 2: Young 1,200, Mature 4, Total 1,204, Correct 100%',
  );
  fireEvent.keyDown(chart, { key: 'ArrowLeft' });
  expect(chart).toHaveAttribute('aria-valuetext', 'Day 1: Total 0, Correct –');
  fireEvent.keyDown(chart, { key: 'Home' });
  expect(chart).toHaveAttribute('aria-valuetext', 'Day 0: Young 3, Mature 1, Total 4, Correct 75%');
  fireEvent.keyDown(chart, { key: 'ArrowLeft' });
  expect(chart).toHaveAttribute('aria-valuenow', '1');
  expect(screen.getByText('Day 0')).toBeInTheDocument();
  fireEvent.keyDown(chart, { key: 'Escape' });
  expect(screen.queryByText('Day 0')).not.toBeInTheDocument();
});

test('the bars are as high as their values', () => {
  const { container } = drawn();
  const path = container.querySelector('path[style*="--chart-young"]')?.getAttribute('d') ?? '';
  const heights = [...path.matchAll(/v([\d.]+)/g)].map(([, height]) => Number(height));
  // 3 of 1,500 would not be seen: it gets a line at least.
  expect(heights).toEqual([1, 144]);
});

test('the days of a heat map say their values', () => {
  const date = Date.UTC(2026, 0, 14);
  render(
    <HeatMap
      label="Calendar 2026"
      year={2026}
      firstWeekday={1}
      values={new Map([[date, 62]])}
      today={Date.UTC(2026, 0, 15)}
      describe={(value) => `${value} reviews`}
    />,
  );
  const map = screen.getByRole('slider', { name: 'Calendar 2026' });
  act(() => map.focus());
  expect(map).toHaveAttribute('aria-valuetext', 'Thursday, January 15, 2026: 0 reviews');
  fireEvent.keyDown(map, { key: 'ArrowUp' });
  expect(map).toHaveAttribute('aria-valuetext', 'Wednesday, January 14, 2026: 62 reviews');
  fireEvent.keyDown(map, { key: 'ArrowLeft' });
  expect(map).toHaveAttribute('aria-valuetext', 'Wednesday, January 7, 2026: 0 reviews');
});
