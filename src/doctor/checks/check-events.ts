/**
 * One real event to every index that an input names: nothing else shows whether the token may write there.
 *
 * Each has the sourcetype `tallyman:doctor`, and goes the way that the output's events go: event or raw mode,
 * compressed or not, and acknowledged where the token has that.
 */
import { compress } from "../../output/batch/compress.ts";
import type { HecRequest } from "../../output/splunk-hec/endpoints/hec-client.ts";
import type { SplunkHecOptions } from "../../output/splunk-hec/options.ts";
import { pathFor } from "../../output/batch/raw.ts";
import { parseAcknowledgement, parseReply } from "../../output/splunk-hec/answers/reply.ts";
import type { Clock } from "../../platform/clock.ts";
import { version } from "../../platform/version.ts";
import { machineName } from "../../platform/process/machine-name.ts";
import type { Collector } from "./collector.ts";
import { Findings, type Finding } from "../findings/finding.ts";

const test_sourcetype = "tallyman:doctor";
/** An idle Splunk acknowledges after little more than a second (measured). */
const acknowledged_ms_max = 5000;
const ask_interval_ms = 500;

/** Where one test event goes, and whose events go there. */
export interface TestEvent {
  /** Undefined for the token's own. */
  readonly index: string | undefined;
  readonly inputs: readonly string[];
}

/** What of an input's options says where its events go. */
export interface Addressed {
  readonly metadata: { readonly index?: string | undefined };
}

/** One for each index that any of the inputs names. */
export function testEventsFor(inputs: Iterable<[name: string, Addressed]>): TestEvent[] {
  const names_by_index = new Map<string | undefined, string[]>();
  for (const [name, { metadata }] of inputs) {
    const names = names_by_index.get(metadata.index) ?? [];
    names_by_index.set(metadata.index, [...names, name]);
  }
  return [...names_by_index].map(([index, names]) => ({ index, inputs: names }));
}

export interface EventsCheckDeps {
  readonly url: string;
  readonly options: SplunkHecOptions;
  readonly clock: Clock;
}

export async function checkEvent(
  collector: Collector,
  event: TestEvent,
  deps: EventsCheckDeps,
): Promise<Finding[]> {
  const findings = new Findings("event", deps.url);
  const { index, inputs } = event;
  const of = `of input${inputs.length === 1 ? "" : "s"} ${inputs.join(", ")}`;
  const where = `${index === undefined ? "the token's default index" : `index ${index}`}, ${of}`;
  const { outcome, meaning } = await collector.request(await requestFor(event, deps));
  const { cause, detail, slow } = meaning;
  if (cause !== undefined) return [findings.fault(cause, `${where}: ${detail}`)];
  const { ack_id } = parseReply("answer" in outcome ? outcome.answer.body : "");
  const found = [findings.ok(`${where}: a test event (${test_sourcetype}) was accepted`)];
  if (slow) found.push(findings.fault("filling_up", "Splunk says that its queues are filling up"));
  if (ack_id === undefined || deps.options.ack === "off") return found;
  if (await isAcknowledged(collector, ack_id, deps.clock)) {
    return [findings.ok(`${where}: a test event (${test_sourcetype}) was indexed`)];
  }
  const late = `${where}: not indexed within ${acknowledged_ms_max / 1000} s`;
  return [...found, findings.fault("ack_slow", late)];
}

async function isAcknowledged(
  collector: Collector,
  ack_id: number,
  clock: Clock,
): Promise<boolean> {
  for (const end_ms = clock.monotonic() + acknowledged_ms_max; clock.monotonic() < end_ms;) {
    const { outcome } = await collector.ask(ack_id);
    if ("answer" in outcome && parseAcknowledgement(outcome.answer.body, ack_id) === true) {
      return true;
    }
    await clock.sleep(ask_interval_ms);
  }
  return false;
}

async function requestFor(
  { index, inputs }: TestEvent,
  { options, clock }: EventsCheckDeps,
): Promise<HecRequest> {
  const { mode, compression } = options;
  const metadata = {
    host: machineName(),
    source: "tallyman doctor",
    sourcetype: test_sourcetype,
    ...(index !== undefined && { index }),
  };
  const message = "A test event of `tallyman doctor`, which can be ignored.";
  const event = { message, inputs, tallyman: version };
  const envelope = { ...metadata, time: clock.now() / 1000, event };
  const body = Buffer.from(`${JSON.stringify(mode === "raw" ? event : envelope)}\n`);
  const gzip = compression === "gzip";
  return {
    method: "POST",
    path: mode === "raw" ? pathFor(metadata) : "/services/collector/event",
    headers: {
      "content-type": mode === "raw" ? "text/plain" : "application/json",
      ...(gzip && { "content-encoding": "gzip" }),
    },
    body: gzip ? await compress(body) : body,
  };
}
