import { shareOf, sum } from '@/shared/charts';

/** Every button but the first means that it was known. */
export function correctShare(counts: readonly number[] = []): number | null {
  const [again = 0, ...others] = counts;
  const correct = sum(others);
  return shareOf(correct, again + correct);
}
