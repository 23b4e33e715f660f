/**
 * What a metric is: its name, and how its values are taken from a status. Values are never counted a second time here.
 */
import type { HistogramCounts } from "../../platform/histogram.ts";
import type { Status } from "../status/status.ts";

export type Labels = Readonly<Record<string, string>>;

interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
}

export type Metric = MetricDefinition &
  (
    | {
        readonly type: "counter" | "gauge";
        readonly values: (status: Status) => readonly (readonly [Labels, number])[];
      }
    | {
        readonly type: "histogram";
        readonly values: (status: Status) => readonly (readonly [Labels, HistogramCounts])[];
      }
  );

/** A gauge without labels; undefined is no value. */
export function gauge(
  name: string,
  help: string,
  valueOf: (status: Status) => number | undefined,
): Metric {
  return {
    name,
    type: "gauge",
    help,
    labels: [],
    values: (status) => {
      const value = valueOf(status);
      return value === undefined ? [] : [[{}, value]];
    },
  };
}
