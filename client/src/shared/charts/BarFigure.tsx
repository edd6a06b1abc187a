import { BarChart } from './BarChart';
import { ChartFigure, type ChartFigureProps } from './ChartFigure';
import { type BarModel, tableOf } from './model';

type BarFigureProps = Omit<ChartFigureProps, 'table' | 'wide' | 'children'> & { model: BarModel };

/** A bar chart and its table; where there is nothing to draw, the sentence about it is enough. */
export function BarFigure({ model, facts, ...rest }: BarFigureProps) {
  const isEmpty = model.bars.every((values) => values.every((value) => value === 0));
  if (isEmpty) return <ChartFigure {...rest} />;
  return (
    <ChartFigure {...rest} {...(facts && { facts })} table={() => tableOf(model)}>
      <BarChart label={rest.title} model={model} />
    </ChartFigure>
  );
}
