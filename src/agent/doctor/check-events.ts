/**
 * One real event to every index that an input names: nothing else tells whether the token may write there.
 *
 * Each has the sourcetype `tallyman:doctor`, and goes the way that the output's events go: event or raw mode, compressed or not.
 */
import { hostname } from "node:os";
import type { Config } from "../../config/config.ts";
import type { HecRequest } from "../../output/hec-client.ts";
import type { SplunkHecOptions } from "../../output/options.ts";
import { pathFor } from "../../output/raw.ts";
import type { Clock } from "../../platform/clock.ts";
import { version } from "../../platform/version.ts";
import type { Collector } from "./collector.ts";
import { Findings, type Finding } from "./finding.ts";

export const test_sourcetype = "tallyman:doctor";

/** The inputs by the index that their events go to; undefined is the token's own. */
export function inputsByIndex(config: Config): Map<string | undefined, string[]> {
  const by_index = new Map<string | undefined, string[]>();
  for (const [name, { metadata }] of Object.entries(config.inputs)) {
    const names = by_index.get(metadata.index) ?? [];
    by_index.set(metadata.index, [...names, name]);
  }
  return by_index;
}

export interface TestEvent {
  readonly index: string | undefined;
  /** The inputs whose events go to the index. */
  readonly inputs: readonly string[];
}

export async function checkEvent(
  collector: Collector,
  { index, inputs }: TestEvent,
  facts: { url: string; options: SplunkHecOptions; clock: Clock },
): Promise<Finding[]> {
  const findings = new Findings("event", facts.url);
  const request = requestFor({ index, inputs }, facts.options, facts.clock);
  const { meaning } = await collector.request(request);
  const { cause, detail, slow } = meaning;
  const where = index === undefined ? "the token's own index" : `index ${index}`;
  const of = `of input${inputs.length === 1 ? "" : "s"} ${inputs.join(", ")}`;
  if (cause !== undefined) return [findings.fault(cause, `${where}, ${of}: ${detail}`)];
  const taken = findings.ok(`${where}, ${of}, took a test event (${test_sourcetype})`);
  if (!slow) return [taken];
  return [taken, findings.fault("filling_up", "Splunk says that its queues are filling up")];
}

function requestFor(
  { index, inputs }: TestEvent,
  { mode }: SplunkHecOptions,
  clock: Clock,
): HecRequest {
  const metadata = {
    host: hostname(),
    source: "tallyman doctor",
    sourcetype: test_sourcetype,
    ...(index !== undefined && { index }),
  };
  const message = "A test event of `tallyman doctor`, which can be ignored.";
  const event = { message, inputs, tallyman: version };
  const envelope = { ...metadata, time: clock.now() / 1000, event };
  const text = JSON.stringify(mode === "raw" ? event : envelope);
  const path = mode === "raw" ? pathFor(metadata) : "/services/collector/event";
  return { method: "POST", path, body: Buffer.from(`${text}\n`) };
}
