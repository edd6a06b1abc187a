import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { Axes, plotOf } from './Axes';
import styles from './Chart.module.css';
import { Legend } from './Legend';
import { type BarModel, shortLinesOf } from './model';
import { countAxis } from './scale';
import { type Plot, highest, linePath, pointAt, seriesPath } from './shapes';
import { Tooltip, spoken } from './Tooltip';
import { useActive } from './useActive';
import { useWidth } from './useWidth';

const KEYS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
const TOOLTIP_ROOM = 4;

/** Bars that stand on or beside each other, to be read by pointer, by arrow keys and by ear. */
export function BarChart({ label, model }: { label: string; model: BarModel }) {
  const { t } = useTranslation('charts');
  const [width, measured] = useWidth();
  const { axis, plot } = useMemo(() => measuredFor(model, width), [model, width]);
  const count = model.bars.length;
  const start = model.startAt === 'last' ? count - 1 : 0;
  const { active, handlers } = useActive({
    count,
    start,
    at: (x) => Math.min(count - 1, Math.max(0, Math.floor(((x - plot.left) / plot.width) * count))),
    steps: KEYS,
  });
  const shown = active ?? start;
  return (
    <>
      {(model.series.length > 1 || model.line) && (
        <Legend series={model.series} line={model.line?.label} />
      )}
      <div className={styles.frame} ref={measured}>
        <div
          className={styles.chart}
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-roledescription={t('chart')}
          aria-valuemin={1}
          aria-valuemax={count}
          aria-valuenow={shown + 1}
          aria-valuetext={spoken(model.labelOf(shown), shortLinesOf(model, shown))}
          {...handlers}
        >
          <svg className={styles.svg} width={width} height={svgHeight(plot)} aria-hidden="true">
            <Axes model={model} axis={axis} plot={plot} />
            {active !== null && <Highlight index={active} count={count} plot={plot} />}
            <Bars model={model} top={axis.top} plot={plot} />
          </svg>
        </div>
        {active !== null && (
          <Tooltip
            title={model.labelOf(active)}
            lines={shortLinesOf(model, active)}
            x={pointAt(0, active, count, plot).x}
            room={width}
            top={TOOLTIP_ROOM}
          />
        )}
      </div>
    </>
  );
}

function measuredFor(model: BarModel, width: number) {
  const axis = (model.axisFor ?? countAxis)(highest(model.bars, model.layout ?? 'stacked'));
  return { axis, plot: plotOf(model, axis, width) };
}

function svgHeight(plot: Plot): number {
  return plot.top + plot.height + plot.below;
}

function Highlight({ index, count, plot }: { index: number; count: number; plot: Plot }) {
  const slot = plot.width / count;
  return (
    <rect
      className={styles.highlight}
      x={plot.left + index * slot}
      y={plot.top}
      width={slot}
      height={plot.height}
    />
  );
}

interface BarsProps {
  model: BarModel;
  top: number;
  plot: Plot;
}

/** What does not change while the person moves along. */
const Bars = memo(function Bars({ model, top, plot }: BarsProps) {
  const layout = model.layout ?? 'stacked';
  return (
    <>
      {model.series.map(({ label, color }, index) => (
        <path
          key={label}
          d={seriesPath(model.bars, index, { plot, top, layout })}
          style={{ fill: `var(${color})` }}
        />
      ))}
      {model.line && <ShareLine values={model.line.values} plot={plot} />}
    </>
  );
});

function ShareLine({ values, plot }: { values: readonly (number | null)[]; plot: Plot }) {
  return (
    <g className={styles.line}>
      <path className={styles.lineHalo} d={linePath(values, plot)} />
      <path d={linePath(values, plot)} />
      {values.map((value, index) => {
        if (value === null) return null;
        const { x, y } = pointAt(value, index, values.length, plot);
        return <circle key={index} cx={x} cy={y} r={3} />;
      })}
    </g>
  );
}
