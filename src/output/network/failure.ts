/**
 * What went wrong with a connection or on it, as the failure of a request: a code, and a sentence that says what to do.
 */

/** Why there was no whole answer. `code` is Node's, HEADERS_TIMEOUT, BODY_TIMEOUT or, for a proxy's doing, PROXY_…. */
export interface TransportFailure {
  readonly code: string;
  readonly message: string;
}

/** A connection that could not be opened. What Node says itself keeps its own error. */
export class ConnectionError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A request that was ended by its signal, whose reason is the cause. */
export class GivenUp extends Error {
  override readonly name = "AbortError";
  readonly code = "ABORT_ERR";

  constructor({ reason }: AbortSignal) {
    super("the request was given up", { cause: reason });
  }
}

/** For bytes that are no answer of HTTP/1. `code` is without its beginning, HPE_, with which node:http has the same ones. */
export function brokenAnswer(code: string, what: string): ConnectionError {
  return new ConnectionError(`HPE_${code}`, `the answer is not HTTP/1: ${what}`);
}

/** The failure that anything thrown by a request stands for. */
export function failureOf(thrown: unknown): TransportFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof ConnectionError) return { code: error.code, message: error.message };
  const code = codeOf(error);
  return { code, message: tlsSentence(code, error) ?? causeOf(error).message };
}

/** Node wraps what the system said of each of several addresses, and why a request was given up. */
function causeOf(error: Error): Error {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error.cause;
  return inner instanceof Error ? inner : error;
}

function codeOf(error: Error): string {
  const code = (causeOf(error) as { code?: unknown }).code ?? (error as { code?: unknown }).code;
  return typeof code === "string" ? code : error.name;
}

/** Code and message in one, for a sentence about something else. */
export function inShort(thrown: unknown): string {
  const { code, message } = failureOf(thrown);
  return message.includes(code) ? message : `${code}: ${message}`;
}

/** What the codes of Node and OpenSSL mean for TLS, by their ends: alerts have other beginnings in each version. */
const tls_sentences: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, "a certificate of the server's chain has expired"],
  [
    /^CERT_NOT_YET_VALID$/,
    "a certificate of the server's chain is not valid yet; is this machine's clock right?",
  ],
  [
    /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    "the server's certificate is self-signed; if it is the right one, name it in tls.ca_file",
  ],
  [
    /^SELF_SIGNED_CERT_IN_CHAIN$/,
    "the authority of the server's certificate is not trusted here; if it is the right one, name it in tls.ca_file",
  ],
  [
    /^(UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
    "the server's certificate has no chain to an authority that is trusted here: name it in tls.ca_file, or have the " +
      "server send its intermediate certificates, too",
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED$/,
    "the server requires a client certificate; set tls.cert_file and tls.key_file",
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|ACCESS_DENIED|DECRYPT_ERROR)$/,
    "the server does not accept the client certificate in tls.cert_file",
  ],
  [
    /ALERT_HANDSHAKE_FAILURE$/,
    "the server aborts the handshake: it may require a client certificate (tls.cert_file, tls.key_file), or share no cipher",
  ],
  [
    /(ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE)$/,
    "the server speaks no TLS version that is allowed here (tls.min_version)",
  ],
  [
    /(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/,
    "the server does not speak TLS on this port; is it http://, or another port?",
  ],
];

function tlsSentence(code: string, error: Error): string | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = (error as { cert?: { subjectaltname?: string } }).cert?.subjectaltname;
    return (
      "the server's certificate is for another name; set tls.server_name to one of its own if it is the right one: " +
      (names ?? "(none)")
    );
  }
  return tls_sentences.find(([pattern]) => pattern.test(code))?.[1];
}
