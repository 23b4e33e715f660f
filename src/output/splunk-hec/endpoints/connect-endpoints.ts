/** The endpoints of an output, each with its connections, as its options say. */
import type { Clock } from "../../../platform/clock.ts";
import type { LogFacts, Logger } from "../../../platform/log.ts";
import { Endpoint } from "./endpoint.ts";
import { HecClient, type HecClientDeps, type HecTransport } from "./hec-client.ts";
import type { AckSupport } from "./ack-support.ts";
import { endpointsOf, type SplunkHecOptions } from "../options.ts";

/** Connections beside those for events: queries for acknowledgements, and for the health. */
const side_connections = 2;

export interface ConnectDeps {
  clock: Clock;
  log: Logger;
  /** What is known of the token. */
  ack_support: AckSupport;
  random: () => number;
  /** What every line in the log carries. */
  logged: LogFacts;
  /** Makes what carries the requests, instead of a connection. */
  connect: ((deps: HecClientDeps) => HecTransport) | undefined;
  /** Whether no endpoint takes events. */
  isNeeded: () => boolean;
  /** Called when a request may be tried again. */
  onReady: () => void;
}

export function connectEndpoints(options: SplunkHecOptions, deps: ConnectDeps): Endpoint[] {
  const { clock, log, connect = (client) => new HecClient(client) } = deps;
  const { token, timeout: timeout_ms, max_in_flight, ack } = options;
  const urls = endpointsOf(options);
  const connections = max_in_flight + side_connections;
  return urls.map((url) => {
    const transport = connect({
      url,
      token,
      connections,
      timeout_ms,
      network: options,
      clock,
      log,
    });
    const among_others = urls.length > 1;
    return new Endpoint({ ...deps, url, transport, among_others, ack, max_in_flight, token });
  });
}
