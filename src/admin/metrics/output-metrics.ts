/**
 * The metrics of outputs: whether events go, how long that takes, and what it takes.
 */
import type { EndpointReport, HecStatus } from "../status/status.ts";
import type { Metric } from "./metric.ts";

export const output_metrics: readonly Metric[] = [
  {
    name: "tallyman_output_up",
    type: "gauge",
    help: "1 while an output sends; 0 while it waits, is paused, or cannot be written.",
    labels: ["output"],
    values: ({ outputs }) =>
      outputs.map(({ name, state }) => [{ output: name }, state === "sending" ? 1 : 0] as const),
  },
  {
    name: "tallyman_output_token_rejected",
    type: "gauge",
    help: "1 while an output is paused because its token is rejected.",
    labels: ["output"],
    values: ({ outputs }) =>
      outputs.map(({ name, state }) => [{ output: name }, state === "paused" ? 1 : 0] as const),
  },
  {
    name: "tallyman_delivery_latency_seconds",
    type: "histogram",
    help: "Time from reading or receiving an event to its delivery.",
    labels: ["output"],
    values: ({ outputs }) =>
      outputs.map(({ name, latency }) => [{ output: name }, latency] as const),
  },
  ofHec("tallyman_output_requests_total", "counter", "Finished requests, answered or failed.", {
    valueOf: ({ requests }) => requests,
  }),
  ofHec(
    "tallyman_output_requests_failed_total",
    "counter",
    "Requests that did not end with a delivery.",
    { valueOf: ({ requests_failed }) => requests_failed },
  ),
  ofHec("tallyman_output_sent_bytes_total", "counter", "Bytes delivered, before compression.", {
    valueOf: ({ bytes }) => bytes,
  }),
  ofHec("tallyman_output_requests_in_flight", "gauge", "Requests in flight.", {
    valueOf: ({ requests_in_flight }) => requests_in_flight,
  }),
  ofHec(
    "tallyman_output_batches_waiting",
    "gauge",
    "Full batches that wait for a request to finish.",
    {
      valueOf: ({ batches_waiting }) => batches_waiting,
    },
  ),
  ofHec(
    "tallyman_output_unacknowledged_events",
    "gauge",
    "Events sent that Splunk has not acknowledged as indexed yet.",
    { valueOf: ({ events_unacknowledged }) => events_unacknowledged },
  ),
  ofHec(
    "tallyman_output_repeated_events_total",
    "counter",
    "Events sent again because no acknowledgement came.",
    { valueOf: ({ events_repeated }) => events_repeated },
  ),
  ofEndpoints("tallyman_endpoint_up", "1 while an endpoint accepts events.", ({ state }) =>
    state === "sending" ? 1 : 0,
  ),
  ofEndpoints(
    "tallyman_endpoint_latency_seconds",
    "Median response time of an endpoint's last requests.",
    ({ latency_seconds }) => latency_seconds,
  ),
  ofEndpoints(
    "tallyman_endpoint_clock_ahead_seconds",
    "How far an endpoint's clock is ahead of this machine's, to about a second.",
    ({ clock_ahead_seconds }) => clock_ahead_seconds,
  ),
];

function ofHec(
  name: string,
  type: "counter" | "gauge",
  help: string,
  { valueOf }: { valueOf: (hec: HecStatus) => number },
): Metric {
  return {
    name,
    type,
    help,
    labels: ["output"],
    values: ({ outputs }) =>
      outputs.flatMap(({ name: output, hec }) =>
        hec === undefined ? [] : [[{ output }, valueOf(hec)] as const],
      ),
  };
}

function ofEndpoints(
  name: string,
  help: string,
  valueOf: (endpoint: EndpointReport) => number | undefined,
): Metric {
  return {
    name,
    type: "gauge",
    help,
    labels: ["output", "endpoint"],
    values: ({ outputs }) =>
      outputs.flatMap(({ name: output, hec }) =>
        (hec?.endpoints ?? []).flatMap((endpoint) => {
          const value = valueOf(endpoint);
          return value === undefined ? [] : [[{ output, endpoint: endpoint.url }, value] as const];
        }),
      ),
  };
}
