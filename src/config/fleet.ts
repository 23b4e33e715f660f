/** What a configuration says of a fleet: where it publishes to, or reads from. */
import type { NatsOptions } from "../platform/nats/options.ts";
import { default_plan } from "../platform/nats/stream.ts";
import type { Config } from "./config.ts";
import { outputsOf } from "./outputs.ts";

export interface FleetPlace {
  /** `input fleet`, or `output`. */
  readonly what: string;
  readonly options: NatsOptions;
  readonly consumer: string;
  /** Where it is in the configuration. */
  readonly at: readonly string[];
}

export function fleetPlacesOf(config: Config): FleetPlace[] {
  const outputs = outputsOf(config).flatMap(({ name, options, at }): FleetPlace[] => {
    if (options.type !== "nats") return [];
    return [{ what: `output ${name}`, options, consumer: default_plan.consumer, at }];
  });
  const inputs = Object.entries(config.inputs).flatMap(([name, options]): FleetPlace[] => {
    if (options.type !== "nats") return [];
    const { consumer } = options;
    return [{ what: `input ${name}`, options, consumer, at: ["inputs", name] }];
  });
  return [...inputs, ...outputs];
}
