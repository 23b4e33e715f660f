/**
 * The outputs on the screen: whether events go, and how soon after they came in.
 */
import type { EndpointReport, OutputReport, SendingStatus } from "../../admin/status/status.ts";
import { refusedSentence } from "../../admin/status/warnings.ts";
import type { HistogramCounts } from "../../platform/histogram.ts";
import { countOf, lengthOf } from "./table.ts";

export function outputLines(output: OutputReport, at: string): string[] {
  const { name, type, hec, latency } = output;
  const lines = [`  ${name} (${type}): ${stateOf(output, at)}`, ...latencyLines(latency)];
  if (hec === undefined) return lines;
  lines.push(...hec.endpoints.map((endpoint) => endpointLine(endpoint, at)));
  const { requests, requests_failed, requests_in_flight, requests_in_flight_max } = hec;
  // While no endpoint takes anything there may be none, but for the one that tries again.
  const of_max = requests_in_flight_max === 0 ? "" : ` of ${requests_in_flight_max}`;
  const under_way = `${requests_in_flight}${of_max} in flight`;
  const parts = [`${countOf(requests)} requests`, `${countOf(requests_failed)} failed`, under_way];
  if (hec.events_unacknowledged > 0) {
    parts.push(`${countOf(hec.events_unacknowledged)} events not acknowledged yet`);
  }
  lines.push(`    ${parts.join(", ")}`);
  const refused = hec.refused_indexes.map(refusedSentence);
  return [...lines, ...refused.map((sentence) => `    ${sentence}, which Splunk refuses`)];
}

function endpointLine(endpoint: EndpointReport, at: string): string {
  const answers_in = `, response time ${Math.round(endpoint.latency_seconds * 1000)} ms`;
  return `    ${endpoint.url}: ${stateOf(endpoint, at)}${endpoint.latency_seconds > 0 ? answers_in : ""}`;
}

/** Whether it sends; if not, why, and for how long. */
export function stateOf({ state, reason, since }: SendingStatus, at: string): string {
  if (reason === undefined || since === undefined) return state;
  const seconds = (Date.parse(at) - Date.parse(since)) / 1000;
  return `${state} (${reason}) for ${lengthOf(Math.max(0, seconds))}`;
}

/** Half of the events, and 99 of 100, took no longer. */
function latencyLines({ bounds, counts, count }: HistogramCounts): string[] {
  if (count === 0) return [];
  const within = (part: number): string => {
    const place = counts.findIndex((below) => below >= count * part);
    const bound = bounds[place];
    return bound === undefined ? `more than ${lengthOf(bounds.at(-1)!)}` : shortly(bound);
  };
  return [`    delivered within ${within(0.5)} (50 %), ${within(0.99)} (99 %)`];
}

function shortly(seconds: number): string {
  return seconds < 1 ? `${seconds * 1000} ms` : lengthOf(seconds);
}
