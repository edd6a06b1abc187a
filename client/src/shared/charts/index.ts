export { BarFigure } from './BarFigure';
export { ChartFigure } from './ChartFigure';
export { HeatMap } from './HeatMap';
export { ShareBar } from './ShareBar';
export { type Bin, type Row, binned, daysPerBin, numbersPerBin, runningTotals, sum } from './bins';
export { DAY_MS, firstWeekday } from './calendar';
export { type BarModel, type TableModel, formatShare } from './model';
export { shareOf, timeAxis } from './scale';
