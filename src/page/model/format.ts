/** Numbers as people read them. */

const kilo = 1000;
const minute_s = 60;
const hour_s = 3600;
const day_s = 86_400;

/** A count in full: 1,234,567. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** With three digits or so: 950, 12.3 k, 4.56 M. */
export function compact(value: number): string {
  return scaled(value, ["", " k", " M", " G", " T"]);
}

export function bytes(value: number): string {
  return scaled(value, [" B", " kB", " MB", " GB", " TB", " PB"]);
}

/** Events a second. */
export function rate(value: number): string {
  if (value > 0 && value < 0.1) return "< 0.1/s";
  return `${value < 10 ? trimmed(value, 1) : compact(value)}/s`;
}

/** A length of time in its two largest units: 45 s, 3 min 20 s, 2 h 5 min, 4 d. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${trimmed(seconds, 1)} s`;
  if (seconds < minute_s) return `${Math.round(seconds)} s`;
  const [unit, name, smaller, smaller_name] =
    seconds < hour_s
      ? ([minute_s, "min", 1, "s"] as const)
      : seconds < day_s
        ? ([hour_s, "h", minute_s, "min"] as const)
        : ([day_s, "d", hour_s, "h"] as const);
  const whole = Math.floor(seconds / unit);
  const rest = Math.floor((seconds - whole * unit) / smaller);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${smaller_name}`;
}

/** The time of day of this browser, of an ISO time. */
export function clockTime(at: string): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** The text cut to about so many pixels of a font of this size. */
export function clipped(text: string, width: number, size: number): string {
  const characters = Math.max(3, Math.floor(width / (size * 0.53)));
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`;
}

function scaled(value: number, units: readonly string[]): string {
  const steps = value < kilo ? 0 : Math.floor(Math.log10(value) / 3 + 1e-9);
  const unit = Math.min(steps, units.length - 1);
  const shown = value / kilo ** unit;
  return `${unit === 0 ? trimmed(shown, 0) : trimmed(shown, shown < 10 ? 2 : shown < 100 ? 1 : 0)}${units[unit]}`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
