/** Durations and sizes as users write them: `30s` and `10MiB`. */

const ms_by_unit: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const bytes_by_unit: Record<string, number> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

/** The number of milliseconds in `30s`, `200ms`, `5m` or `1h`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, ms_by_unit);
}

/** The number of bytes in `512KiB`, `1MiB`, `10MB` or `100B`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, bytes_by_unit);
}

/** A duration as users write it: the largest unit that needs no fraction. */
export function formatDuration(duration_ms: number): string {
  return formatQuantity(duration_ms, [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ]);
}

/** A size as users write it: the largest unit that needs no fraction. */
export function formatSize(bytes: number): string {
  return formatQuantity(bytes, [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
    ["B", 1],
  ]);
}

/** About so many bytes, to be read and not to be written: `2.0 KiB`. */
export function approximateSize(bytes: number): string {
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (bytes >= factor) return `${(bytes / factor).toFixed(1)} ${unit}`;
  }
  return `${bytes} B`;
}

/** About so long, in one unit, rounded up: `45 s`, `3 min`, `2 h 5 min`. */
export function approximateDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function parseQuantity(text: string, units: Record<string, number>): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?) ?([A-Za-z]{1,3})$/.exec(text);
  const unit = Object.hasOwn(units, match?.[2] ?? "") ? units[match![2]!] : undefined;
  return unit === undefined ? undefined : Math.round(Number(match![1]) * unit);
}

function formatQuantity(value: number, units: readonly [string, number][]): string {
  const unit = units.find(([, factor]) => value >= factor && value % factor === 0);
  return unit === undefined ? `${value}${units.at(-1)![0]}` : `${value / unit[1]}${unit[0]}`;
}
