/**
 * The metrics of an agent that takes its configuration from a fleet. Others have none of them.
 */
import { gauge, type Metric } from "./metric.ts";

export const fleet_metrics: readonly Metric[] = [
  gauge(
    "tallyman_fleet_connected",
    "1 while a NATS server of the fleet is reached.",
    ({ fleet }) => fleet && (fleet.connected ? 1 : 0),
  ),
  gauge(
    "tallyman_fleet_configuration_unread",
    "1 while the fleet's configuration cannot be read from its bucket, though a NATS server is reached.",
    ({ fleet }) => fleet && (fleet.unread === undefined ? 0 : 1),
  ),
  gauge(
    "tallyman_fleet_configuration_refused",
    "1 while the fleet's configuration that was seen last is refused.",
    ({ fleet }) => fleet && (fleet.refusal === undefined ? 0 : 1),
  ),
  gauge(
    "tallyman_fleet_configuration_serial",
    "Serial of the fleet's configuration in force; absent before one is taken.",
    ({ fleet }) => fleet?.serial,
  ),
  gauge(
    "tallyman_fleet_holding",
    "1 while nothing is read, as the fleet's configuration cannot be used.",
    ({ fleet }) => fleet && (fleet.state === "held" ? 1 : 0),
  ),
  {
    name: "tallyman_fleet_configurations_refused_total",
    type: "counter",
    help: "Configurations of the fleet that were refused, by reason.",
    labels: ["reason"],
    values: ({ fleet }) =>
      Object.entries(fleet?.refused ?? {}).map(([reason, count]) => [{ reason }, count]),
  },
];
