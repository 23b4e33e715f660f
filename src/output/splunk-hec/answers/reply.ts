/**
 * What Splunk's own answers say: a JSON object, with whatever white space and in whatever order.
 */

export interface Reply {
  /** Undefined for an answer that is not Splunk's. */
  readonly code: number | undefined;
  readonly text: string;
  readonly invalid_event_number: number | undefined;
  /** The number of the request in its channel, where Splunk will acknowledge it later. */
  readonly ack_id: number | undefined;
  /** Whether it is promised that the request will be acknowledged, under a number that Splunk never gives. */
  readonly ack_id_unreadable: boolean;
}

export function parseReply(body: string): Reply {
  const { code, text, ...rest } = parseObject(body) ?? {};
  // Both spellings are found in documents, and numbers as strings. With null a receiver says that there is none.
  const ids = [rest["ackId"], rest["ackID"]].filter((id) => id !== undefined && id !== null);
  const numbers = new Set(ids.map(naturalNumber));
  const is_readable = numbers.size <= 1 && !numbers.has(undefined);
  return {
    code: integer(code),
    text: typeof text === "string" ? text : "",
    invalid_event_number: integer(rest["invalid-event-number"]),
    ack_id: is_readable ? [...numbers][0] : undefined,
    ack_id_unreadable: !is_readable,
  };
}

/** The answer to a query for one acknowledgement: whether it is given; undefined where the answer is none. */
export function parseAcknowledgement(body: string, ack_id: number): boolean | undefined {
  const acks = asObject(parseObject(body)?.["acks"]);
  const given = acks?.[String(ack_id)];
  return typeof given === "boolean" ? given : undefined;
}

/** Whether it answers a query for acknowledgements, whatever it says of them. */
export function isAcknowledgement(body: string): boolean {
  return asObject(parseObject(body)?.["acks"]) !== undefined;
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  const is_object = typeof value === "object" && value !== null && !Array.isArray(value);
  return is_object ? (value as Record<string, unknown>) : undefined;
}

function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function naturalNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  const whole = integer(number);
  return whole !== undefined && whole >= 0 ? whole : undefined;
}
