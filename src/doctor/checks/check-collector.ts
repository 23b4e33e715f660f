/**
 * The collector itself: its health, the token, indexer acknowledgement, and the clock of its machine.
 *
 * The token is tried with an empty body, as Amazon's Firehose does: Splunk answers code 5 to a good token, and indexes
 * nothing.
 */
import { decideAckCheck, health_request } from "../../output/splunk-hec/endpoints/health.ts";
import type { SplunkHecOptions } from "../../output/splunk-hec/options.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Cause } from "../findings/causes.ts";
import type { Collector } from "./collector.ts";
import { Findings, type Finding } from "../findings/finding.ts";

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
  const { outcome, meaning } = await collector.request(health_request);
  const { cause, code, detail } = meaning;
  const status = "answer" in outcome ? outcome.answer.status : undefined;
  if (cause === undefined || (status === 200 && code === code_healthy)) {
    return [findings.ok("the collector reports that it is healthy")];
  }
  // Only tokens with acknowledgement need it, which the next checks look at.
  if (cause === "ack_unavailable")
    return [findings.ok(`everything but acknowledgements works: ${detail}`)];
  if (causes_of_a_path.has(cause)) return [findings.fault("health_hidden", detail)];
  return [findings.fault(cause, detail)];
}

export async function checkToken(collector: Collector, url: string): Promise<Finding[]> {
  const findings = new Findings("token", url);
  const request = { method: "POST", path: "/services/collector/event" } as const;
  const { cause, about_content, detail } = (await collector.request(request)).meaning;
  if (cause === undefined || about_content) return [findings.ok("Splunk accepts the token")];
  return [findings.fault(cause, detail)];
}

export async function checkAcknowledgement(
  collector: Collector,
  url: string,
  context: { options: SplunkHecOptions; clock: Clock },
): Promise<Finding[]> {
  const findings = new Findings("ack", url);
  const { ack, token } = context.options;
  const { outcome, meaning } = await collector.ask(0);
  const refusal = decideAckCheck(outcome, { token, now_ms: context.clock.now() });
  if (refusal === undefined) {
    const what = ack === "off" ? "`ack: off` does not use it" : "tallyman waits for it";
    return [findings.ok(`the token has indexer acknowledgement; ${what}`)];
  }
  const { cause, code, detail } = meaning;
  // Other receivers of HEC may have no such path, and answer anything there, which only matters where it is needed: what
  // promises an acknowledgement shows that in its answer to an event.
  const is_another = "answer" in outcome && (cause === undefined || code === undefined);
  const has_none = cause === "ack_disabled" || causes_of_a_path.has(cause);
  if (has_none && ack === "on") return [findings.fault("ack_disabled", detail)];
  if ((has_none || is_another) && ack !== "on")
    return [findings.ok("the token has no indexer acknowledgement")];
  return [findings.fault(cause ?? "unexpected_answer", detail)];
}

export function checkClock(collector: Collector, url: string): Finding {
  const findings = new Findings("clock", url);
  const { ahead_ms } = collector;
  if (ahead_ms === undefined) return findings.skipped("no answer had the server's time");
  const seconds = Math.round(Math.abs(ahead_ms) / 1000);
  if (Math.abs(ahead_ms) <= skew_ms_max) {
    return findings.ok(`the server's clock and this machine's agree within ${seconds + 1} s`);
  }
  const which = ahead_ms > 0 ? "ahead of" : "behind";
  return findings.fault("clock_skew", `the server's clock is ${seconds} s ${which} this machine's`);
}
