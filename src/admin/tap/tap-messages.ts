/**
 * What `tallyman tap` and the agent say to each other: the request, and the messages of the answer, each a line of JSON. Behind the
 * line of an event come its bytes as they were sent, so that the agent has to copy them and nothing else.
 */

export const tap_path = "/tap";

/** What may be asked for at most, in events a second. */
export const tap_rate_max = 1000;

/** What somebody wants to see. */
export interface TapRequest {
  /** Events of this input or output alone. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Events a second, at most. */
  readonly rate: number;
}

/** Where an event came from, and went. */
export interface EventWay {
  readonly input: string;
  readonly output: string;
  /** The path that it was posted to: of raw mode, it has the metadata. */
  readonly path: string;
}

/** An event as its line announces it. */
export interface SentEvent extends EventWay {
  /** How many follow the line. */
  readonly bytes: number;
}

/** An event as it was sent. */
export interface TappedEvent extends EventWay {
  /** The bytes of the body that are the event's. */
  readonly sent: string;
}

/** What passed since the last of these. */
export interface TapCounts {
  /** Milliseconds since then. */
  readonly ms: number;
  /** Events of the input and output that were asked for. */
  readonly passed: number;
  /** Those of them that were given. */
  readonly given: number;
  /** Those that were chosen, and not given because the client reads too slowly or they are too long. */
  readonly missed: number;
}

export type TapMessage =
  | { readonly event: TappedEvent }
  | { readonly counts: TapCounts }
  /** The last one: why it ends. */
  | { readonly end: string };

/** The request as a path and query. */
export function tapQuery({ input, output, rate }: TapRequest): string {
  const query = new URLSearchParams({ rate: String(rate) });
  if (input !== undefined) query.set("input", input);
  if (output !== undefined) query.set("output", output);
  return `${tap_path}?${query.toString()}`;
}

/** The request in a query; undefined where it is none. */
export function tapRequestIn(query: URLSearchParams): TapRequest | undefined {
  const rate = Number(query.get("rate") ?? "10");
  if (!Number.isInteger(rate) || rate < 1 || rate > tap_rate_max) return undefined;
  return {
    rate,
    input: query.get("input") ?? undefined,
    output: query.get("output") ?? undefined,
  };
}
