/**
 * Splunk's answers, byte for byte ready to be sent. Codes, statuses and texts are those of Splunk's table for the
 * HTTP Event Collector ("Possible error codes"); those of unknown paths were measured on 10.4.
 */

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** Names and values in turn, as writeHead takes them. */
  readonly headers: readonly string[];
}

const retry_after_s = 1;

/** An answer in JSON. */
export function jsonReply(status: number, value: object): Reply {
  const body = JSON.stringify(value);
  const headers = [
    "content-type",
    "application/json; charset=UTF-8",
    "content-length",
    String(Buffer.byteLength(body)),
  ];
  // Clients of the OpenTelemetry kind wait as long as this says.
  if (status === 503) headers.push("retry-after", String(retry_after_s));
  return { status, body, headers };
}

function coded(status: number, code: number, text: string): Reply {
  return jsonReply(status, { text, code });
}

export const replies = {
  success: coded(200, 0, "Success"),
  token_required: coded(401, 2, "Token is required"),
  invalid_authorization: coded(401, 3, "Invalid authorization"),
  invalid_token: coded(403, 4, "Invalid token"),
  no_data: coded(400, 5, "No data"),
  invalid_data_format: coded(400, 6, "Invalid data format"),
  server_busy: coded(503, 9, "Server is busy"),
  channel_missing: coded(400, 10, "Data channel is missing"),
  channel_invalid: coded(400, 11, "Invalid data channel"),
  event_required: coded(400, 12, "Event field is required"),
  event_blank: coded(400, 13, "Event field cannot be blank"),
  ack_disabled: coded(400, 14, "ACK is disabled"),
  invalid_fields: coded(400, 15, "Error in handling indexed fields"),
  query_token: coded(400, 16, "Query string authorization is not enabled"),
  healthy: coded(200, 17, "HEC is healthy"),
  unhealthy: coded(503, 18, "HEC is unhealthy, queues are full"),
  shutting_down: coded(503, 23, "Server is shutting down"),
  unknown_path: coded(404, 404, "The requested URL was not found on this server."),
  wrong_method: coded(405, 404, "The requested URL was not found on this server."),
  body_too_large: coded(413, 413, "The request body is larger than this server takes."),
  encoding_unknown: coded(
    415,
    415,
    "This server accepts bodies in gzip or deflate, or uncompressed.",
  ),
} as const satisfies Record<string, Reply>;

/** An answer without a body, to a client that asks which methods there are. */
export function allowReply(methods: string): Reply {
  return { status: 200, body: "", headers: ["allow", methods, "content-length", "0"] };
}
