/**
 * Tables for a terminal: columns as wide as what is in them, the first to the left and the others to the right.
 */

/** The rows as lines, each behind two blanks. The first row is the head. */
export function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

/** The count with its thousands apart: 4,711,000. */
export function countOf(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** So many of something: `1 file`, `2 files`. */
export function manyOf(count: number, noun: string): string {
  return `${countOf(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** About so long: `4 d 2 h`, `3 h 20 min`, `5 min`, `12 s`. */
export function lengthOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}
