/**
 * What the agent used, second by second, and the straight line through it: how it grows within one life of the process.
 */
import type { Use } from "./agent.ts";

/** The beginning of a life that is left out: caches, compiled code and pools fill up. */
const warm_up_ms_max = 60_000;
/** A life that is shorter after its warm-up says nothing. */
const judged_ms_min = 60_000;

export interface Sample extends Use {
  at_ms: number;
  /** As its metrics say; undefined without any. */
  heap_mb: number | undefined;
  /** So far, 99 of 100 looks at the event loop found it late by less. */
  loop_delay_ms: number | undefined;
}

export interface Fit {
  mean: number;
  /** From the beginning of what is judged to its end, along the line. */
  growth: number;
  per_minute: number;
  max: number;
}

/** One life of the agent's process. */
export class Life {
  readonly number: number;
  readonly samples: Sample[] = [];

  constructor(number: number) {
    this.number = number;
  }

  get minutes(): number {
    return this.#spanMs(this.samples) / 60_000;
  }

  /** Whether it was long enough for its slopes to mean anything. */
  get is_judged(): boolean {
    return this.#spanMs(this.#warm) >= judged_ms_min;
  }

  get cpu_per_second(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || first === last) return 0;
    return (last.cpu_seconds - first.cpu_seconds) / ((last.at_ms - first.at_ms) / 1000);
  }

  /** Undefined where there is nothing to fit. */
  fit(value: (sample: Sample) => number | undefined): Fit | undefined {
    const points = this.#warm.flatMap((sample) => {
      const y = value(sample);
      return y === undefined ? [] : [{ x: sample.at_ms, y }];
    });
    return points.length < 3 ? undefined : fitLine(points);
  }

  get #warm(): Sample[] {
    const from_ms = this.samples[0]?.at_ms ?? 0;
    const warm_up_ms = Math.min(warm_up_ms_max, this.#spanMs(this.samples) / 3);
    return this.samples.filter(({ at_ms }) => at_ms - from_ms >= warm_up_ms);
  }

  #spanMs(samples: readonly Sample[]): number {
    const first = samples[0];
    return first === undefined ? 0 : samples.at(-1)!.at_ms - first.at_ms;
  }
}

/** Least squares. */
export function fitLine(points: readonly { x: number; y: number }[]): Fit {
  const mean_x = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const mean = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  let covariance = 0;
  let variance = 0;
  for (const { x, y } of points) {
    covariance += (x - mean_x) * (y - mean);
    variance += (x - mean_x) ** 2;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  return {
    mean,
    growth: slope * (points.at(-1)!.x - points[0]!.x),
    per_minute: slope * 60_000,
    max: Math.max(...points.map(({ y }) => y)),
  };
}

/** The value of a metric without labels; undefined where it is not there. */
export function gaugeOf(metrics: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(metrics) ?? [];
  return value === undefined ? undefined : Number(value);
}

/** The bound below which 99 of 100 values of a histogram lie; undefined where it is not there, or empty. */
export function highOf(metrics: string, name: string): number | undefined {
  const pattern = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm");
  const buckets = [...metrics.matchAll(pattern)].map(([, bound, count]) => {
    return { bound: bound === "+Inf" ? Infinity : Number(bound), count: Number(count) };
  });
  const total = buckets.at(-1)?.count ?? 0;
  return total === 0 ? undefined : buckets.find(({ count }) => count >= 0.99 * total)?.bound;
}
