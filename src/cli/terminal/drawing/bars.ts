/** Bars and sparklines: numbers as characters. */

const steps = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** A bar of so many columns of which a part, from 0 to 1, is filled. All of it only where that is all. */
export function bar(part: number, columns: number): string {
  const bounded = Math.min(1, Math.max(0, part));
  const filled = bounded === 1 ? columns : Math.min(columns - 1, Math.floor(bounded * columns));
  return "█".repeat(Math.max(0, filled)) + "░".repeat(Math.max(0, columns - filled));
}

/** The last numbers that fit, the newest to the right, each beside the greatest. */
export function sparkline(numbers: readonly number[], columns: number): string {
  const shown = numbers.slice(-Math.max(1, columns));
  const most = Math.max(...shown, 0);
  const drawn = shown.map((number) => {
    if (most === 0 || number <= 0) return steps[0]!;
    return steps[Math.max(1, Math.round((number / most) * (steps.length - 1)))]!;
  });
  return drawn.join("").padStart(columns);
}

/** From 0 to 1 as `62 %`: 100 % only where that is all. */
export function percent(part: number): string {
  return `${part >= 1 ? 100 : Math.min(99, Math.floor(part * 100))} %`;
}
