/** What is there of a fleet's servers, stream and consumer, and what in it could lose events. */
import type { ConsumerInfo, StreamInfo } from "@nats-io/jetstream";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { withJetStream } from "./elections.ts";
import { withNats } from "./once.ts";
import type { NatsAccess, NatsOptions } from "./options.ts";
import {
  consumerFaults,
  findConsumer,
  findStream,
  managerOf,
  serverFaults,
  streamFaults,
} from "./stream.ts";

export interface SeenServer {
  readonly url: string;
  /** Undefined where it cannot be reached. */
  readonly version: string | undefined;
  /** Why it cannot be. */
  readonly error: string | undefined;
  readonly faults: readonly string[];
}

export interface SeenFleet {
  readonly stream: StreamInfo | undefined;
  readonly stream_faults: readonly string[];
  readonly consumer: ConsumerInfo | undefined;
  readonly consumer_faults: readonly string[];
}

/** One after the other. Never rejects. */
export async function lookAtServers(options: NatsAccess, clock: Clock): Promise<SeenServer[]> {
  const seen: SeenServer[] = [];
  for (const url of options.servers) {
    try {
      const version = await withNats({ ...options, servers: [url] }, clock, ({ info }) =>
        Promise.resolve(info?.version ?? "?"),
      );
      seen.push({ url, version, error: undefined, faults: serverFaults(version) });
    } catch (cause) {
      seen.push({ url, version: undefined, error: messageOf(cause), faults: [] });
    }
  }
  return seen;
}

/** Waits for servers that elect a leader. Rejects where no server answers, or one does not allow it. */
export function lookAtFleet(
  options: NatsOptions,
  consumer: string,
  clock: Clock,
): Promise<SeenFleet> {
  const { stream: name, prefix } = options;
  return withJetStream(options, clock, async (connection) => {
    const manager = await managerOf(connection);
    const stream = await findStream(manager, name);
    const found = stream && (await findConsumer(manager, name, consumer));
    return {
      stream,
      stream_faults: stream === undefined ? [] : streamFaults(stream, prefix),
      consumer: found,
      consumer_faults: found === undefined ? [] : consumerFaults(found),
    };
  });
}
