import { expect, test } from 'vitest';

import { highest, linePath, seriesPath, stacked } from './shapes';

const plot = { left: 0, top: 0, width: 100, height: 100, below: 0 };

test('pieces stand on each other', () => {
  expect(stacked([3, 0, 2])).toEqual([
    [0, 3],
    [3, 3],
    [3, 5],
  ]);
  const bars = [[3, 0, 2]];
  expect(highest(bars, 'stacked')).toBe(5);
  const shape = { plot, top: 5, layout: 'stacked' as const };
  expect(seriesPath(bars, 0, shape)).toBe('M3 40h94v60h-94z');
  expect(seriesPath(bars, 1, shape)).toBe('');
  // A seam is left free over the piece below.
  expect(seriesPath(bars, 2, shape)).toBe('M3 0h94v39h-94z');
});

test('groups stand beside each other', () => {
  const bars = [[1, 4]];
  expect(highest(bars, 'grouped')).toBe(4);
  const shape = { plot, top: 4, layout: 'grouped' as const };
  expect(seriesPath(bars, 0, shape)).toBe('M8.5 75h40.5v25h-40.5z');
  expect(seriesPath(bars, 1, shape)).toBe('M51 0h40.5v100h-40.5z');
});

test('what is more than nothing can be seen', () => {
  expect(seriesPath([[1]], 0, { plot, top: 100_000, layout: 'stacked' })).toContain('v1h');
});

test('a line is broken where there is nothing to tell', () => {
  expect(linePath([0.5, 1, null, 0], plot)).toBe('M12.5 50L37.5 0M87.5 100');
});
