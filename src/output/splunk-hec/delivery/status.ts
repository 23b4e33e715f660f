/** What the `splunk_hec` output says of itself: whether events go, through which endpoints, and how many requests it took. */
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { OutputCondition, OutputState } from "../../output.ts";
import type { Wait } from "../answers/response.ts";
import type { Trouble } from "../answers/trouble.ts";
import type { RefusedIndex } from "./parking.ts";

export interface EndpointStatus extends OutputCondition {
  url: string;
  requests_in_flight: number;
  /** Requests that may be in flight at present. */
  concurrency: number;
  /** The median of the last answers. */
  latency_ms: number;
  /** By how much its clock is ahead of ours, to a second or so, where it said. */
  clock_ahead_ms: number | undefined;
}

/** What an output has done so far in this process, under whatever options. */
export interface Totals {
  /** Delivered. */
  events: number;
  /** Delivered, before compression. */
  bytes: number;
  requests: number;
  requests_failed: number;
  /** Sent again for want of an acknowledgement. */
  events_repeated: number;
}

export interface SplunkHecStatus extends OutputCondition, Totals {
  endpoints: EndpointStatus[];
  requests_in_flight: number;
  concurrency: number;
  batches_waiting: number;
  /** Sent, and not acknowledged yet. */
  events_unacknowledged: number;
  /** That Splunk refuses, and the events that wait for each. */
  refused_indexes: RefusedIndex[];
}

export function noTotals(): Totals {
  return { events: 0, bytes: 0, requests: 0, requests_failed: 0, events_repeated: 0 };
}

const state_by_kind: Readonly<Record<Wait["kind"], OutputState>> = {
  retry: "retrying",
  pause: "paused",
  blocked: "blocked",
};

/** Whether a status is that of a `splunk_hec` output. */
export function isSplunkHecStatus(status: OutputCondition): status is SplunkHecStatus {
  return "endpoints" in status;
}

export interface StatusParts {
  endpoints: readonly Endpoint[];
  /** The trouble of batches that are set aside. */
  parked: Trouble | undefined;
  refused_indexes: RefusedIndex[];
  requests_in_flight: number;
  batches_waiting: number;
  totals: Totals;
  events_unacknowledged: number;
}

export function statusOf(parts: StatusParts): SplunkHecStatus {
  const { parked, requests_in_flight, batches_waiting, totals, events_unacknowledged } = parts;
  const endpoints = parts.endpoints.map(endpointStatus);
  const working = endpoints.find(({ state }) => state === "sending");
  // Without any endpoint that works, the first gives the reason.
  const { state, reason, since } = working === undefined ? endpoints[0]! : conditionOf(parked);
  return {
    state,
    reason,
    since,
    endpoints,
    requests_in_flight,
    concurrency: endpoints.reduce((total, { concurrency }) => total + concurrency, 0),
    batches_waiting,
    events_unacknowledged,
    refused_indexes: parts.refused_indexes,
    ...totals,
  };
}

function endpointStatus(endpoint: Endpoint): EndpointStatus {
  const { url, in_flight, limit, latency_ms, trouble } = endpoint;
  return {
    url,
    ...conditionOf(trouble),
    requests_in_flight: in_flight,
    concurrency: limit,
    latency_ms,
    clock_ahead_ms: endpoint.transport.clock_ahead_ms,
  };
}

function conditionOf(trouble: Trouble | undefined): OutputCondition {
  const refusal = trouble?.refusal;
  if (trouble === undefined || refusal === undefined) {
    return { state: "sending", reason: undefined, since: undefined };
  }
  const since = new Date(trouble.since_ms).toISOString();
  return { state: state_by_kind[refusal.kind], reason: refusal.reason, since };
}
