/**
 * Which path and method ask for what. The paths are those of Splunk's HTTP Event Collector, where a slash at the
 * end makes another path; `/` is for webhooks that were given no path.
 */
import { allowReply, replies, type Reply } from "./replies.ts";

/** How a body is read: events in envelopes, raw text, or what it asks for. */
export type Endpoint = "event" | "raw" | "ack" | "health";

const endpoint_by_path = new Map<string, Endpoint>([
  ["/services/collector", "event"],
  ["/services/collector/event", "event"],
  ["/services/collector/event/1.0", "event"],
  ["/services/collector/raw", "raw"],
  ["/services/collector/raw/1.0", "raw"],
  ["/services/collector/ack", "ack"],
  ["/services/collector/ack/1.0", "ack"],
  ["/services/collector/health", "health"],
  ["/services/collector/health/1.0", "health"],
  ["/", "event"],
]);

const post_allowed = allowReply("POST,OPTIONS");
const get_allowed = allowReply("GET,HEAD,OPTIONS");

/** What a request asks for, or the answer to one that no endpoint takes. */
export function routeOf(method: string, path: string): Endpoint | Reply {
  const endpoint = endpoint_by_path.get(path);
  if (endpoint === undefined) return replies.unknown_path;
  const is_health = endpoint === "health";
  if (is_health ? method === "GET" || method === "HEAD" : method === "POST") return endpoint;
  // Docker's log driver asks in this way, without a token, whether there is a collector.
  if (method === "OPTIONS") return is_health ? get_allowed : post_allowed;
  return replies.wrong_method;
}
