/** Selectors of the dashboard of one agent, expressions, and panels that have the same form. */
import type { Panel, Query } from "./contents.ts";

export const agent = 'job="$job", instance="$instance"';
export const inputs = `${agent}, input=~"$input"`;
export const outputs = `${agent}, output=~"$output"`;
export const number = { kind: "stat", unit: "short", width: 4, height: 4 } as const;
export const plot = { kind: "timeseries", width: 8, height: 8 } as const;

export const rate = (counter: string): string => `rate(${counter}[$__rate_interval])`;

export function lines(title: string, unit: string, ...queries: Query[]): Panel {
  return { ...plot, title, unit, queries };
}

/** A line for each input. */
export function ofInputs(title: string, unit: string, expr: string): Panel {
  return lines(title, unit, { expr: `sum by (input) (${expr})`, legend: "{{input}}" });
}

/** A line for each output. */
export function ofOutputs(title: string, unit: string, expr: string): Panel {
  return lines(title, unit, { expr: `sum by (output) (${expr})`, legend: "{{output}}" });
}

/** A line for each step of each input. */
export function ofSteps(title: string, unit: string, expr: string): Panel {
  return lines(title, unit, {
    expr: `sum by (input, step) (${expr})`,
    legend: "{{input}}: {{step}}",
  });
}

/**
 * How much a counter of the books has grown in the time that is shown. Such a counter appears with its first value, which
 * `increase` does not see; it is away while its agent is, so the last value of the day before is looked for.
 */
export function grown(metric: string, selector: string): string {
  const counter = `${metric}{${selector}}`;
  return `sum(clamp_min(${counter} - (last_over_time(${counter}[1d] offset $__range) or ${counter} * 0), 0))`;
}
