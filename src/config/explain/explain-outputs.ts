/**
 * What the options of the outputs mean, in plain sentences.
 */
import { agentOf } from "../../output/nats/agent-name.ts";
import { endpointsOf, type SplunkHecOptions } from "../../output/splunk-hec/options.ts";
import { formatDuration, formatSize } from "../../platform/text/units.ts";
import type { Section } from "./explain-input.ts";
import { explainNetwork } from "./explain-network.ts";
import type { NamedOutput, OutputOptions } from "../outputs.ts";

type OptionsOf<Type extends OutputOptions["type"]> = Extract<OutputOptions, { type: Type }>;

const titles = {
  splunk_hec: "Splunk's HTTP Event Collector",
  file: "an archive of JSON lines",
  stdout: "standard output",
  nats: "a stream of NATS JetStream",
};

/** A section for each; the default one comes first. */
export function explainOutputs(outputs: readonly NamedOutput[]): Section[] {
  return outputs.map(({ name, options }, number) => {
    const lines = explainOutput(options);
    if (outputs.length === 1) return { title: `Output: ${titles[options.type]}`, lines };
    const taken =
      number === 0
        ? "Gets every event that no step has routed."
        : "Gets the events that a step has routed to it.";
    const buffer = explainBuffer(options);
    return { title: `Output ${name}: ${titles[options.type]}`, lines: [taken, ...lines, buffer] };
  });
}

function explainOutput(options: OutputOptions): string[] {
  switch (options.type) {
    case "splunk_hec":
      return explainSplunk(options);
    case "file":
      return explainFile(options);
    case "stdout":
      return ["One line of JSON per event, as Splunk would get it."];
    case "nats":
      return explainNats(options);
    default:
      return options satisfies never;
  }
}

function explainSplunk(options: OptionsOf<"splunk_hec">): string[] {
  const { mode, compression, batch, max_in_flight, timeout, ack, ack_timeout } = options;
  const urls = endpointsOf(options);
  const each = urls.length === 1 ? "" : " to each";
  const gzip = compression === "gzip" ? "compressed with gzip" : "not compressed";
  const requests = max_in_flight === 1 ? "one request" : `up to ${max_in_flight} requests`;
  return [
    `${urls.join(", ")}, ${mode} mode, ${gzip}; token ***`,
    ...explainNetwork(options),
    `Batches hold up to ${formatSize(batch.max_bytes)} and wait at most ${formatDuration(batch.max_wait)}; ` +
      `${requests} at a time${each}, timeout ${formatDuration(timeout)}.`,
    explainAck[ack](formatDuration(ack_timeout)),
    "Events that Splunk does not accept are sent again until it does; checkpoints move only after that.",
  ];
}

const explainAck: Readonly<Record<SplunkHecOptions["ack"], (timeout: string) => string>> = {
  auto: (timeout) =>
    `If the token has indexer acknowledgement, events count as delivered once they are indexed; if that is ` +
    `not confirmed within ${timeout}, they are sent again.`,
  on: (timeout) =>
    `Events count as delivered once Splunk acknowledges that they are indexed; otherwise they are sent again after ${timeout}.`,
  off: () =>
    "Events count as delivered once Splunk has accepted them; indexer acknowledgement is not used.",
};

function explainNats(options: OptionsOf<"nats">): string[] {
  const { servers, stream, prefix, confirm, compression, batch, max_unconfirmed } = options;
  const { receipt_timeout } = options;
  const gzip = compression === "gzip" ? "compressed with gzip" : "not compressed";
  const agent = agentOf(options);
  const confirmed =
    confirm === "delivery"
      ? `Events count as delivered once an aggregator has delivered them; without a receipt for ` +
        `${formatDuration(receipt_timeout)}, they are published again.`
      : "Events count as delivered once the stream has them; events that the cluster loses after that are lost.";
  return [
    `${servers.join(", ")}, stream ${stream}, subjects ${prefix}.ev.${agent}.>, ${gzip}.`,
    `Batches hold up to ${formatSize(batch.max_bytes)} and wait at most ${formatDuration(batch.max_wait)}; up to ` +
      `${formatSize(max_unconfirmed)} may be unconfirmed.`,
    confirmed,
    "A batch that the stream does not take is kept, and published again until it does; checkpoints move " +
      "only after that.",
  ];
}

function explainFile({ path, mode, max_bytes, keep }: OptionsOf<"file">): string[] {
  const kept =
    keep === undefined
      ? "all of them are kept"
      : `the newest ${keep} are kept, and older ones are removed`;
  return [
    `${path}, mode ${mode}: one line of JSON per event, as Splunk would get it.`,
    `A file that would grow beyond ${formatSize(max_bytes)} gets a number after its name; ${kept}.`,
  ];
}

function explainBuffer({ buffer }: OutputOptions): string {
  return (
    `For each input whose chain routes, up to ${formatSize(buffer.max_bytes)} wait on disk while the output accepts nothing; ` +
    "beyond that, the input waits."
  );
}
