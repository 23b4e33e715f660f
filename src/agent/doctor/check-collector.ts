/**
 * The collector itself: its health, the token, indexer acknowledgement, and the clock of its machine.
 *
 * The token is tried with an empty body, as Amazon's Firehose does: Splunk answers code 5 to a good token, and indexes
 * nothing.
 */
import type { Cause } from "./causes.ts";
import type { Collector } from "./collector.ts";
import { Findings, type Finding } from "./finding.ts";

const code_healthy = 17;
/** The Date header is good for a second; more than this is no delay of the network. */
const skew_ms_max = 10_000;

/** What may be said of one path only, so that it says nothing of the path that events go to. */
const causes_of_a_path = new Set<Cause | undefined>([
  "not_found",
  "redirect",
  "unexpected_answer",
  "refused",
  "unauthorized",
  "forbidden",
  "bad_request",
]);

export async function checkHealth(collector: Collector, url: string): Promise<Finding[]> {
  const findings = new Findings("health", url);
  const request = { method: "GET", path: "/services/collector/health" } as const;
  const { answer, meaning } = await collector.request(request);
  const { cause, code, detail } = meaning;
  if (cause === undefined || (answer?.status === 200 && code === code_healthy)) {
    return [findings.ok("the collector says that it is healthy")];
  }
  if (causes_of_a_path.has(cause)) return [findings.fault("health_hidden", detail)];
  return [findings.fault(cause, detail)];
}

export async function checkToken(collector: Collector, url: string): Promise<Finding[]> {
  const findings = new Findings("token", url);
  const request = { method: "POST", path: "/services/collector/event" } as const;
  const { cause, about_content, detail } = (await collector.request(request)).meaning;
  if (cause === "channel_missing") {
    collector.wants_channel = true;
    return [findings.ok("Splunk knows the token")];
  }
  if (cause === undefined || about_content) return [findings.ok("Splunk knows the token")];
  return [findings.fault(cause, detail)];
}

/** `ack` is what the output is set to: whether it waits for indexer acknowledgement. */
export async function checkAcknowledgement(
  collector: Collector,
  url: string,
  ack: "auto" | "on" | "off",
): Promise<Finding[]> {
  const findings = new Findings("ack", url);
  const has_ack = await hasAcknowledgement(collector);
  collector.wants_channel = has_ack;
  if (has_ack && ack === "off") {
    const message = "the token has indexer acknowledgement, which this output does not use";
    return [findings.fault("channel_missing", message)];
  }
  if (!has_ack && ack === "on") {
    const message = "the token has no indexer acknowledgement, which this output waits for";
    return [findings.fault("ack_disabled", message)];
  }
  if (has_ack) return [findings.ok("the token has indexer acknowledgement, and it is waited for")];
  return [findings.ok("the token has no indexer acknowledgement, and none is waited for")];
}

export function checkClock(collector: Collector, url: string): Finding {
  const findings = new Findings("clock", url);
  const { ahead_ms } = collector;
  if (ahead_ms === undefined) return findings.skipped("no answer said what time it is");
  const seconds = Math.round(Math.abs(ahead_ms) / 1000);
  if (Math.abs(ahead_ms) <= skew_ms_max)
    return findings.ok(`differs by less than ${seconds + 1} s`);
  const which = ahead_ms > 0 ? "ahead of" : "behind";
  return findings.fault("clock_skew", `the server's clock is ${seconds} s ${which} this machine's`);
}

async function hasAcknowledgement(collector: Collector): Promise<boolean> {
  if (collector.wants_channel) return true;
  const { answer, meaning } = await collector.askForAcknowledgement();
  return meaning.code === undefined && answer?.status === 200 && answer.body.includes('"acks"');
}
