import { memo } from 'react';

import { formatNumber, formatPercent } from '@/shared/i18n/format';

import styles from './Chart.module.css';
import type { BarModel } from './model';
import { type Axis, namedTicks } from './scale';
import { type Plot, pointAt } from './shapes';

const HEIGHT = 180;
const ABOVE = 10;
const LINE = 16;
const SPACE = 8;
/** About as wide as a letter of the axes. */
const LETTER = 7;
const SHARES = [0, 0.5, 1];

/** The room for the bars between the names of the axes. */
export function plotOf(model: BarModel, axis: Axis, width: number): Plot {
  const left = LETTER * Math.max(...axis.ticks.map((tick) => tickText(model, tick).length)) + SPACE;
  const right = model.line ? LETTER * formatPercent(1).length + SPACE : SPACE;
  return {
    left,
    top: ABOVE,
    width: Math.max(1, width - left - right),
    height: HEIGHT,
    below: SPACE + LINE * model.tickOf(0).split('\n').length,
  };
}

function tickText(model: BarModel, tick: number): string {
  if (tick === 0) return formatNumber(0);
  return (model.formatTick ?? model.format ?? formatNumber)(tick);
}

interface AxesProps {
  model: BarModel;
  axis: Axis;
  plot: Plot;
}

/** Lines at round values, and what the marks at the edges are called. */
export const Axes = memo(function Axes({ model, axis, plot }: AxesProps) {
  return (
    <g className={styles.axes}>
      {axis.ticks.map((tick) => {
        const y = plot.top + plot.height * (1 - tick / axis.top);
        return (
          <g key={tick}>
            <path d={`M${plot.left} ${y}h${plot.width}`} />
            <text x={plot.left - SPACE / 2} y={y} textAnchor="end" dominantBaseline="central">
              {tickText(model, tick)}
            </text>
          </g>
        );
      })}
      {model.line && <ShareMarks plot={plot} />}
      <Names model={model} plot={plot} />
    </g>
  );
});

function ShareMarks({ plot }: { plot: Plot }) {
  return SHARES.map((share) => (
    <text
      key={share}
      x={plot.left + plot.width + SPACE / 2}
      y={plot.top + plot.height * (1 - share)}
      dominantBaseline="central"
    >
      {formatPercent(share)}
    </text>
  ));
}

function Names({ model, plot }: { model: BarModel; plot: Plot }) {
  const count = model.bars.length;
  const width = nameWidth(model);
  const end = plot.left + plot.width + 2 * SPACE;
  const isGrouped = model.layout === 'grouped';
  const named = isGrouped ? model.bars.keys() : namedTicks(count, plot.width, width);
  return [...named].map((index) => {
    const { x } = pointAt(0, index, count, plot);
    if (index > 0 && !isGrouped && x + width / 2 > end) return null;
    return (
      <text key={index} y={plot.top + plot.height} textAnchor="middle">
        {model
          .tickOf(index)
          .split('\n')
          .map((line, row) => (
            <tspan key={row} x={Math.max(x, (width - SPACE) / 2)} dy={LINE}>
              {line}
            </tspan>
          ))}
      </text>
    );
  });
}

/** About as wide as the widest one; a few of them tell. */
function nameWidth(model: BarModel): number {
  const last = model.bars.length - 1;
  const some = [0, 1, Math.floor(last / 3), Math.floor(last / 2), last].map(model.tickOf);
  return (
    LETTER * Math.max(...some.flatMap((name) => name.split('\n')).map((line) => line.length)) +
    SPACE
  );
}
