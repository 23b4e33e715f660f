/**
 * All metrics, and their text for Prometheus: each agent has a registry of its own.
 */
import { Registry, type Metric as RegistryMetric } from "prom-client";
import type { Status } from "../status/status.ts";
import { agent_metrics } from "./agent-metrics.ts";
import { event_metrics } from "./event-metrics.ts";
import { fleet_metrics } from "./fleet-metrics.ts";
import { input_metrics } from "./input-metrics.ts";
import type { Labels, Metric } from "./metric.ts";
import { output_metrics } from "./output-metrics.ts";

export const metrics: readonly Metric[] = [
  ...event_metrics,
  ...input_metrics,
  ...output_metrics,
  ...agent_metrics,
  ...fleet_metrics,
];

/** One line of the text. */
interface Value {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

export class MetricsText {
  readonly #registry = new Registry();
  #status: Status | undefined;

  constructor() {
    for (const metric of metrics) {
      const { name, help, type } = metric;
      const get = () => Promise.resolve({ name, help, type, values: this.#valuesOf(metric) });
      // All that a registry asks of its metrics; its own ones count for themselves, while here the books do.
      this.#registry.registerMetric({ name, get } as unknown as RegistryMetric);
    }
  }

  get content_type(): string {
    return this.#registry.contentType;
  }

  /** The status as text. */
  of(status: Status): Promise<string> {
    // The values are taken before this returns.
    this.#status = status;
    return this.#registry.metrics();
  }

  #valuesOf(metric: Metric): Value[] {
    if (metric.type !== "histogram") {
      return metric.values(this.#status!).map(([labels, value]) => ({ labels, value }));
    }
    return metric.values(this.#status!).flatMap(([labels, { bounds, counts, sum, count }]) => [
      ...bounds.map((bound, place) => ({
        metricName: `${metric.name}_bucket`,
        labels: { ...labels, le: String(bound) },
        value: counts[place]!,
      })),
      { metricName: `${metric.name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
      { metricName: `${metric.name}_sum`, labels, value: sum },
      { metricName: `${metric.name}_count`, labels, value: count },
    ]);
  }
}
