/** What a dashboard shows, without the words of Grafana for it. */

/** A value and its colour from there on; the first one is for everything below the second. */
export type Steps = readonly (readonly [from: number | null, colour: Colour])[];
type Colour = "green" | "yellow" | "red" | "blue" | "text";

export interface Query {
  readonly expr: string;
  /** The name of each line, with labels in {{ }}. */
  readonly legend?: string;
}

export interface Panel {
  readonly kind: "stat" | "timeseries" | "table" | "state-timeline";
  readonly title: string;
  /** Without it, it is the help of the first metric. */
  readonly description?: string;
  /** As Grafana names it, such as `s` or `bytes`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: number;
  readonly height: number;
  readonly steps?: Steps;
  /** Words for values. */
  readonly words?: Readonly<Record<string, readonly [string, Colour]>>;
  /** What a stat shows instead of the value: the labels of the series. */
  readonly shows_name?: true;
  readonly stacked?: true;
  /** Whether its values can be below 0. */
  readonly signed?: true;
  /** Largest value of the axis, where it is known. */
  readonly max?: number;
  /** The columns of a table by the label or query they come from, in their order. */
  readonly columns?: Readonly<Record<string, Column>>;
}

export interface Column {
  readonly title: string;
  readonly unit?: string;
  readonly steps?: Steps;
  readonly words?: Panel["words"];
  /** Where its cells lead to. */
  readonly link?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** The metric and its selector whose label of this name has the values. */
  readonly from: string;
  /** Whether several values, or all, can be chosen. */
  readonly several: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
  /** Moments to mark in every plot: their name, and an expression whose value is the time in milliseconds. */
  readonly marks?: Readonly<Record<string, string>>;
}

/** From one bad thing on it is red. */
export const none_is_good: Steps = [
  [null, "green"],
  [1, "red"],
];
/** Of a share that is full at 1. */
export const room: Steps = [
  [null, "green"],
  [0.8, "yellow"],
  [0.95, "red"],
];
/** Of a 1 that should be there. */
export const one_is_good: Steps = [
  [null, "red"],
  [1, "green"],
];
/** Of the age of the oldest event, in seconds: as the alert has it. */
export const late: Steps = [
  [null, "green"],
  [300, "yellow"],
];
/** Of a number that is neither good nor bad. */
export const neutral: Steps = [[null, "text"]];
