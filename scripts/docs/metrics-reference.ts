/**
 * docs/operations/metrics.md: every metric with its labels and meaning, from their definitions.
 */
import { agent_metrics } from "../../src/admin/metrics/agent-metrics.ts";
import { event_metrics } from "../../src/admin/metrics/event-metrics.ts";
import { input_metrics } from "../../src/admin/metrics/input-metrics.ts";
import type { Metric } from "../../src/admin/metrics/metric.ts";
import { output_metrics } from "../../src/admin/metrics/output-metrics.ts";

const preface = `<!-- Generated from src/admin/metrics/ by \`npm run docs\`. Do not edit. -->

# Metrics

What \`/metrics\` tells; [monitoring.md](monitoring.md) says how to get at it, and which alerts to have.

**Counters of the books** go on over restarts and crashes, and never fall: they are those of the state that is written.
They follow what happens within a moment, and agree with the books, and with what Splunk has taken, when nothing is
under way. What a crash has sent twice is counted once. \`tallyman_events_in_flight\` is as it stands at the moment.
A counter with a reason, or a step, is there from when something is counted under it for the first time. While the agent
starts there are none of these counters, since what the journals have is not known yet.

**All other counters** begin at 0 with the process. Those of a step go on over a reload that leaves the step as it is, and
begin at 0 where its options change.
`;

export function metricsReference(): string {
  return [
    preface,
    section("Events, by the books", event_metrics),
    section("Inputs, journals and steps", input_metrics),
    section("Outputs", output_metrics),
    section("The agent", agent_metrics),
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
