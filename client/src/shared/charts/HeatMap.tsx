import { memo, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { formatDate } from '@/shared/i18n/format';

import { type YearGrid, LEVELS, levelOf, levelStarts, yearGrid } from './calendar';
import chart from './Chart.module.css';
import styles from './HeatMap.module.css';
import { Tooltip, spoken } from './Tooltip';
import { useActive } from './useActive';
import { useWidth } from './useWidth';

interface HeatMapProps {
  label: string;
  year: number;
  /** 0 for weeks that begin on Sunday, 1 on Monday. */
  firstWeekday: number;
  /** Values by the UTC midnight of their day. */
  values: ReadonlyMap<number, number>;
  /** The UTC midnight of today. */
  today: number;
  describe: (value: number) => string;
}

const LEFT = 36;
const TOP = 20;
const WEEK = 7;
const SMALLEST_CELL = 12;
const LARGEST_CELL = 22;
const TOOLTIP_HEIGHT = 60;
const KEYS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -WEEK, ArrowRight: WEEK };
const LEVEL_NUMBERS = Array.from({ length: LEVELS + 1 }, (_, level) => level);

/** A year of days, the more the darker; scrolls sideways where it has too little room. */
export function HeatMap(props: HeatMapProps) {
  const { label, year, firstWeekday, values, today, describe } = props;
  const { t } = useTranslation('charts');
  const [width, measured] = useWidth();
  const grid = useMemo(() => yearGrid(year, firstWeekday), [year, firstWeekday]);
  const cell = cellSize(width, grid.weeks);
  const todayIndex = grid.days.findIndex(({ date }) => date === today);
  const start = todayIndex < 0 ? grid.days.length - 1 : todayIndex;
  const { active, handlers } = useActive({
    count: grid.days.length,
    start,
    at: (x, y) => dayAt(grid, Math.floor((x - LEFT) / cell), Math.floor((y - TOP) / cell)),
    steps: KEYS,
  });
  const inSight = useInSight(LEFT + (grid.days[active ?? start]?.week ?? 0) * cell, cell);
  const lineOf = (index: number) => {
    const date = grid.days[index]?.date ?? 0;
    const line = { label: '', value: describe(values.get(date) ?? 0) };
    return [formatDate(date, { dateStyle: 'full', timeZone: 'UTC' }), [line]] as const;
  };
  const [shownTitle, shownLines] = lineOf(active ?? start);
  const day = active === null ? undefined : grid.days[active];
  return (
    <div ref={measured}>
      <div className={styles.scroll} ref={inSight}>
        <div className={chart.frame} style={{ width: LEFT + grid.weeks * cell }}>
          <div
            className={chart.chart}
            role="slider"
            tabIndex={0}
            aria-label={label}
            aria-roledescription={t('calendar')}
            aria-valuemin={1}
            aria-valuemax={grid.days.length}
            aria-valuenow={(active ?? start) + 1}
            aria-valuetext={spoken(shownTitle, shownLines)}
            {...handlers}
          >
            <svg
              className={styles.svg}
              width={LEFT + grid.weeks * cell}
              height={TOP + WEEK * cell}
              aria-hidden="true"
            >
              <Names grid={grid} cell={cell} />
              <Days grid={grid} cell={cell} values={values} today={today} />
              {day && <Outline {...day} cell={cell} />}
            </svg>
          </div>
          {day && (
            <Tooltip
              title={shownTitle}
              lines={shownLines}
              x={LEFT + (day.week + 0.5) * cell}
              room={LEFT + grid.weeks * cell}
              top={Math.min(TOP + day.weekday * cell, TOP + WEEK * cell - TOOLTIP_HEIGHT)}
            />
          )}
        </div>
      </div>
      <Shades />
    </div>
  );
}

function cellSize(width: number, weeks: number): number {
  const fitting = Math.floor((width - LEFT) / weeks);
  return Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, fitting));
}

function dayAt(grid: YearGrid, week: number, weekday: number): number | null {
  const index = week * WEEK + weekday - (grid.days[0]?.weekday ?? 0);
  const isThere = weekday >= 0 && weekday < WEEK && index >= 0 && index < grid.days.length;
  return isThere ? index : null;
}

/** Scrolls so far that the day is in sight. */
function useInSight(x: number, cell: number) {
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const { scrollLeft, clientWidth } = element;
    const margin = 4 * cell;
    if (x - margin < scrollLeft) element.scrollLeft = x - margin;
    else if (x + margin > scrollLeft + clientWidth) element.scrollLeft = x + margin - clientWidth;
  }, [x, cell]);
  return scroller;
}

function Names({ grid, cell }: { grid: YearGrid; cell: number }) {
  const format = { timeZone: 'UTC' } as const;
  const rows = grid.days.slice(WEEK, 2 * WEEK).filter(({ weekday }) => weekday % 2 === 1);
  return (
    <g className={chart.axes}>
      {grid.months.map(({ date, week }) => (
        <text key={date} x={LEFT + week * cell} y={TOP - 8}>
          {formatDate(date, { ...format, month: 'short' }).replace('.', '')}
        </text>
      ))}
      {rows.map(({ date, weekday }) => (
        <text
          key={date}
          x={LEFT - 6}
          y={TOP + (weekday + 0.5) * cell}
          textAnchor="end"
          dominantBaseline="central"
        >
          {formatDate(date, { ...format, weekday: 'short' }).replace('.', '')}
        </text>
      ))}
    </g>
  );
}

interface DaysProps {
  grid: YearGrid;
  cell: number;
  values: ReadonlyMap<number, number>;
  today: number;
}

const Days = memo(function Days({ grid, cell, values, today }: DaysProps) {
  const starts = levelStarts([...values.values()]);
  return grid.days.map(({ date, week, weekday }) => {
    const level = levelOf(values.get(date) ?? 0, starts);
    return (
      <rect
        key={date}
        className={date > today ? styles.future : styles.day}
        data-level={level}
        style={{ fill: `var(--heat-${level})` }}
        x={LEFT + week * cell + 1}
        y={TOP + weekday * cell + 1}
        width={cell - 2}
        height={cell - 2}
        rx={2}
      />
    );
  });
});

function Outline({ week, weekday, cell }: { week: number; weekday: number; cell: number }) {
  return (
    <rect
      className={styles.outline}
      x={LEFT + week * cell}
      y={TOP + weekday * cell}
      width={cell}
      height={cell}
      rx={3}
    />
  );
}

function Shades() {
  const { t } = useTranslation('charts');
  return (
    <p className={styles.shades}>
      {t('less')}
      {LEVEL_NUMBERS.map((level) => (
        <span
          key={level}
          className={styles.shade}
          style={{ background: `var(--heat-${level})` }}
          aria-hidden="true"
        />
      ))}
      {t('more')}
    </p>
  );
}
