/** What a request brings beside its events: the token, the channel, and the body without its compression. */
import { gunzipSync } from "node:zlib";

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export interface HecCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came. */
  readonly body: Buffer;
}

export interface Token {
  /** Splunk's `useACK`. */
  readonly ack: boolean;
  readonly disabled?: boolean;
  /** Splunk's `allowQueryStringAuth`. */
  readonly in_query?: boolean;
  /** Indexes that it may write to; undefined means any. */
  readonly indexes?: ReadonlySet<string>;
}

/** The token's text, or the code of the refusal. */
export function tokenOf(
  { headers, path }: HecCall,
  tokens: ReadonlyMap<string, Token>,
): string | number {
  const in_query = new URLSearchParams(/\?(.*)$/s.exec(path)?.[1] ?? "").get("token");
  const header = first(headers["authorization"]);
  let text = in_query;
  if (text === null) {
    if (header === undefined || /^(?:Splunk|Basic)?\s*$/i.test(header)) return 2;
    const [, scheme, credentials = ""] = /^(Splunk|Basic) +(.+)$/i.exec(header) ?? [];
    if (scheme === undefined) return 3;
    const basic = scheme.toLowerCase() === "basic";
    text = basic
      ? Buffer.from(credentials, "base64")
          .toString()
          .replace(/^[^:]*:/, "")
      : credentials;
  }
  const token = tokens.get(text);
  if (in_query !== null && !token?.in_query) return 16;
  if (token === undefined) return 4;
  return token.disabled ? 1 : text;
}

/** The channel; undefined where it is missing, and null where it is none. */
export function channelOf({ headers, path }: HecCall): string | undefined | null {
  const in_query = new URLSearchParams(/\?(.*)$/s.exec(path)?.[1] ?? "").get("channel");
  const channel = first(headers["x-splunk-request-channel"]) ?? in_query ?? undefined;
  return channel === undefined || guid.test(channel) ? channel : null;
}

/** The body without its compression; undefined where that is broken. */
export function plainOf({ headers, body }: HecCall): Buffer | undefined {
  if (headers["content-encoding"] !== "gzip") return body;
  try {
    return gunzipSync(body);
  } catch {
    return undefined;
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
