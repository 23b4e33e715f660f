/** Splunk's own answers, word for word: the status and the text of every code, and what is answered below HEC. */

export interface HecReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const texts: Readonly<Record<number, readonly [status: number, text: string]>> = {
  0: [200, "Success"],
  1: [403, "Token disabled"],
  2: [401, "Token is required"],
  3: [401, "Invalid authorization"],
  4: [403, "Invalid token"],
  5: [400, "No data"],
  6: [400, "Invalid data format"],
  7: [400, "Incorrect index"],
  8: [500, "Internal server error"],
  9: [503, "Server is busy"],
  10: [400, "Data channel is missing"],
  11: [400, "Invalid data channel"],
  12: [400, "Event field is required"],
  13: [400, "Event field cannot be blank"],
  14: [400, "ACK is disabled"],
  15: [400, "Error in handling indexed fields"],
  16: [400, "Query string authorization is not enabled"],
  17: [200, "HEC is healthy"],
  18: [503, "HEC is unhealthy, queues are full"],
  19: [503, "HEC is unhealthy, ack service unavailable"],
  20: [503, "HEC is unhealthy, queues are full, ack service unavailable"],
  21: [400, "Invalid token"],
  22: [400, "Token disabled"],
  23: [503, "Server is shutting down"],
  24: [200, "HEC queue is approaching its capacity limit"],
  25: [200, "HEC ACK is approaching its capacity limit"],
  26: [429, "HEC queue is at capacity and cannot process any more requests"],
  27: [429, "HEC ACK channel is at capacity and cannot process any more requests"],
  28: [
    400,
    "Data channel is missing. If you have multiple indexers, sticky session load balancers must be provisioned " +
      "and client requests must be routed accordingly.",
  ],
};

const json = { "content-type": "application/json; charset=UTF-8" };

export interface ReplyMembers {
  "invalid-event-number"?: number | string;
  ackId?: number;
}

/** Splunk's answer with this code, and the members that come with it. */
export function hecReply(code: number, members: ReplyMembers = {}): HecReply {
  const [status, text] = texts[code]!;
  return { status, headers: json, body: JSON.stringify({ text, code, ...members }) };
}

/** Splunk's answer to a path that it does not have, or a method that the path does not have. */
export function notFound(status: 404 | 405): HecReply {
  const text = "The requested URL was not found on this server.";
  return { status, headers: json, body: JSON.stringify({ text, code: 404 }) };
}

/** An answer to a poll of acknowledgements. */
export function ackReply(acks: Readonly<Record<string, boolean>>): HecReply {
  return { status: 200, headers: json, body: JSON.stringify({ acks }) };
}

/** A page of whatever stands before HEC: a balancer, a proxy, Splunk's own web server. */
export function page(status: number, headers: Readonly<Record<string, string>> = {}): HecReply {
  const body = `<!doctype html><html><head><title>${status}</title></head><body>${status}</body></html>`;
  return { status, headers: { "content-type": "text/html; charset=UTF-8", ...headers }, body };
}
