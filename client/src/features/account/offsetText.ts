/** Minutes east of UTC as people write them: -210 is UTC−3:30. */
export function offsetText(minutes: number): string {
  const sign = minutes < 0 ? '−' : '+';
  const whole = Math.abs(minutes);
  const rest = String(whole % 60).padStart(2, '0');
  return `UTC${sign}${Math.floor(whole / 60)}:${rest}`;
}
