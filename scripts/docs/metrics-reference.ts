/**
 * docs/operations/metrics.md: every metric with its labels and meaning, from their definitions.
 */
import { agent_metrics } from "../../src/admin/metrics/agent-metrics.ts";
import { fleet_metrics } from "../../src/admin/metrics/fleet-metrics.ts";
import { event_metrics } from "../../src/admin/metrics/event-metrics.ts";
import { input_metrics } from "../../src/admin/metrics/input-metrics.ts";
import type { Metric } from "../../src/admin/metrics/metric.ts";
import { output_metrics } from "../../src/admin/metrics/output-metrics.ts";

const preface = `<!-- Generated from src/admin/metrics/ by \`npm run docs\`. Do not edit. -->

# Metrics

What \`/metrics\` reports; [monitoring.md](monitoring.md) says how to read it, and which alerts to have.

**Counters of the books** continue after restarts and crashes, and never fall: they come from the saved state.
They lag by a moment: they agree with the books, and with what Splunk has accepted, when nothing is in flight.
An event is settled when it is delivered, filtered, quarantined or dropped. Events that a crash has sent twice are counted once. \`tallyman_events_in_flight\` is the current value.
A counter with a reason, or a step, appears when something is counted under it for the first time. While the agent
starts there are none of these counters, since the content of the journals is not known yet.

**All other counters** begin at 0 with the process. Those of a step continue across a reload that leaves the step unchanged, and
begin at 0 if its options change.
`;

export function metricsReference(): string {
  return [
    preface,
    section("Events, by the books", event_metrics),
    section("Inputs, journals and steps", input_metrics),
    section("Outputs", output_metrics),
    section("The agent", agent_metrics),
    section("The configuration of a fleet", fleet_metrics),
  ].join("\n");
}

function section(title: string, metrics: readonly Metric[]): string {
  const lines = metrics.map(({ name, type, labels, help }) => {
    const shown =
      labels.length === 0 ? "" : `, by ${labels.map((each) => `\`${each}\``).join(", ")}`;
    return `- **\`${name}\`** (${type}${shown}): ${help}\n`;
  });
  return `## ${title}\n\n${lines.join("")}`;
}
