/**
 * How fast events move, and how much waits, as `/status` gives it for each input and output. Rates are smoothed over some
 * seconds.
 */

/** Of an input. */
export interface InputRates {
  /** Events that came in. */
  readonly events_per_second: number;
  /** Their bytes, as they came in. */
  readonly bytes_per_second: number;
  /** Events that an output has taken. */
  readonly delivered_per_second: number;
}

/** Of an output. */
export interface OutputRates {
  /** Events that it has taken. */
  readonly events_per_second: number;
}

/** What an input has not delivered yet. */
export interface BacklogStatus {
  /** Bytes of files, and of nothing else, without a fate. */
  readonly bytes: number;
  /** Events that wait in its journals. */
  readonly events: number;
  /** How much of its files is done, from 0 to 1; undefined where there are none, or only empty ones. */
  readonly done: number | undefined;
  /** About how long it takes at the rate of now; undefined where nothing waits, or it does not get less. */
  readonly seconds_left: number | undefined;
}
