/**
 * A time zone: what instant a local time is.
 *
 * A local time that a clock skips, when it is put forward, is read with the offset from before: 02:30 is the instant that the
 * clock shows as 03:30. One that a clock shows twice, when it is put back, is the first of the two. This is what RFC 5545
 * and Temporal do, too.
 */

/** Whoever puts clocks forward or back does it at a quarter of an hour. */
const quarter_s = 900;
const day_s = 86_400;
/** Quarters kept. A backlog goes through them in order. */
const kept_max = 1024;

export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #offsets = new Map<number, number>();
  #last_quarter = -1;
  #last_offset = 0;

  /** `name` is one of the IANA database, such as Europe/Berlin, or `local` for this machine's. Throws a RangeError for others. */
  constructor(name: string) {
    const timeZone = name === "local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : name;
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    this.name = format.resolvedOptions().timeZone;
    this.#format = this.name === "UTC" ? undefined : format;
  }

  /** The instant of a local time, both in seconds since the epoch: of the local time as if it was UTC's. */
  toUtc(local_s: number): number {
    if (this.#format === undefined) return local_s;
    const quarter = Math.floor(local_s / quarter_s);
    if (quarter !== this.#last_quarter) {
      this.#last_offset = this.#offsetOf(quarter);
      this.#last_quarter = quarter;
    }
    return local_s - this.#last_offset;
  }

  #offsetOf(quarter: number): number {
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    if (this.#offsets.size >= kept_max) this.#offsets.clear();
    const offset = this.#localOffset(quarter * quarter_s);
    this.#offsets.set(quarter, offset);
    return offset;
  }

  /** Seconds that the zone is ahead of UTC at a local time. */
  #localOffset(local_s: number): number {
    const before = this.#offsetAt(local_s - day_s);
    const after = this.#offsetAt(local_s + day_s);
    if (before === after) return before;
    // Shown twice, it is both: the first is the one with the offset from before. Skipped, it is neither.
    const is_before = this.#offsetAt(local_s - before) === before;
    const is_after = this.#offsetAt(local_s - after) === after;
    return is_after && !is_before ? after : before;
  }

  /** Seconds that the zone is ahead of UTC at an instant. */
  #offsetAt(utc_s: number): number {
    const parts = new Map(
      this.#format!.formatToParts(utc_s * 1000).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const shown_ms = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return shown_ms / 1000 - utc_s;
  }
}
