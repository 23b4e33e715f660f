/**
 * One answer of an HTTP/1 server (RFC 9112), which may come in pieces of any length. Interim answers are passed over.
 *
 * It is strict: what could be read in two ways is refused, so that no answer is taken for another one.
 */
import { type AnswerHeaders, listOf, readHeaders } from "./answer-headers.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { brokenAnswer, ConnectionError } from "./failure.ts";

const head_bytes_max = 16_384;
/** Line ends before an answer, as some servers send them behind the one before. */
const line_end_bytes_max = 4;
const interim_answers_max = 32;
const head_end = "\r\n\r\n";
const beginning = "HTTP/1.";

const status_line = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/** A line end without CR, and a CR without line end. */
const bare_line_end = /[^\r]\n|\r[^\n]/;

type BodyKind = "none" | "length" | "chunked" | "until_close";

export class AnswerParser {
  readonly #body_bytes_max: number;
  #head = "";
  /** Bytes of line ends that were passed over. */
  #skipped = 0;
  #interim_answers = 0;
  /** Undefined until the head is read. */
  #kind: BodyKind | undefined;
  readonly #chunked = new ChunkedBody();
  /** Bytes of the body that are to come, where that was said. */
  #left = 0;
  readonly #pieces: Buffer[] = [];
  #body_bytes = 0;
  #is_closed = false;
  /** Whether bytes have come that are no part of it. */
  has_rest = false;
  status = 0;
  headers: AnswerHeaders = new Map();
  /** Whether the server says that it will take another request. */
  keeps_alive = false;

  constructor(body_bytes_max: number) {
    this.#body_bytes_max = body_bytes_max;
  }

  get has_head(): boolean {
    return this.#kind !== undefined;
  }

  /** The body is longer than allowed. */
  get is_cut(): boolean {
    return this.#body_bytes > this.#body_bytes_max;
  }

  get is_complete(): boolean {
    if (this.#kind === "length") return this.#left === 0;
    if (this.#kind === "chunked") return this.#chunked.is_complete;
    return this.#kind === "none" || (this.#kind === "until_close" && this.#is_closed);
  }

  /** The body as far as it has come. */
  get body(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Takes the next bytes. Throws a ConnectionError where they are no answer. */
  push(bytes: Buffer): void {
    let at = 0;
    while (this.#kind === undefined && at < bytes.length) at = this.#pushHead(bytes, at);
    if (!this.is_complete && at < bytes.length) at = this.#pushBody(bytes, at);
    if (at < bytes.length) this.has_rest = true;
  }

  /** Nothing comes any more. */
  close(): void {
    this.#is_closed = true;
  }

  #pushHead(bytes: Buffer, from: number): number {
    const before = this.#head.length;
    if (before === 0 && isLineEnd(bytes[from]!) && this.#skipped < line_end_bytes_max) {
      this.#skipped += 1;
      return from + 1;
    }
    this.#head += bytes.toString("latin1", from, from + head_bytes_max + head_end.length - before);
    const head = this.#head;
    const end = head.indexOf(head_end, Math.max(0, before - head_end.length));
    const known = end === -1 ? head : head.slice(0, end);
    // At once, and not only when it is over: whoever speaks something else may go on for long.
    if (!beginning.startsWith(known.slice(0, beginning.length)))
      throw brokenAnswer("INVALID_CONSTANT", "it does not begin with HTTP/1");
    if (bare_line_end.test(known.slice(Math.max(0, before - 1))))
      throw brokenAnswer("CR_EXPECTED", "a line of its head does not end with CR and LF");
    if (known.length - (end === -1 ? head_end.length - 1 : 0) > head_bytes_max)
      throw brokenAnswer("HEADER_OVERFLOW", `its head is longer than ${head_bytes_max} bytes`);
    if (end === -1) return bytes.length;
    this.#head = "";
    this.#readHead(known);
    return from + end + head_end.length - before;
  }

  #readHead(head: string): void {
    const [first, ...lines] = head.split("\r\n");
    const [, minor, status] = status_line.exec(first!) ?? [];
    if (status === undefined) throw brokenAnswer("INVALID_STATUS", "it has no status");
    const headers = readHeaders(lines);
    if (status === "101")
      throw new ConnectionError("ECONNRESET", "an answer that switches protocols is none");
    const kind = this.#kindOfBody(headers, Number(status));
    if (status.startsWith("1")) {
      this.#interim_answers += 1;
      if (this.#interim_answers > interim_answers_max)
        throw brokenAnswer("INTERIM_OVERFLOW", "interim answers follow one another without end");
      return;
    }
    this.status = Number(status);
    this.headers = headers;
    this.#kind = kind;
    const connection = listOf(headers, "connection");
    const is_kept = minor === "1" || connection.includes("keep-alive");
    this.keeps_alive = is_kept && !connection.includes("close") && kind !== "until_close";
  }

  #kindOfBody(headers: AnswerHeaders, status: number): BodyKind {
    const lengths = headers.get("content-length");
    const encodings = listOf(headers, "transfer-encoding");
    if (lengths !== undefined) {
      if (headers.has("transfer-encoding"))
        throw brokenAnswer("INVALID_TRANSFER_ENCODING", "it has two kinds of length");
      if (lengths.length > 1)
        throw brokenAnswer("INVALID_CONTENT_LENGTH", "its length is said twice");
      if (!/^0*\d{1,15}$/.test(lengths[0]!))
        throw brokenAnswer("INVALID_CONTENT_LENGTH", "its length is no number");
      this.#left = Number(lengths[0]);
    }
    if (status === 204 || status === 304) return "none";
    if (lengths !== undefined) return "length";
    return encodings.at(-1) === "chunked" ? "chunked" : "until_close";
  }

  #pushBody(bytes: Buffer, from: number): number {
    if (this.#kind === "chunked")
      return this.#chunked.push(bytes, from, (data) => this.#take(data));
    const end = this.#kind === "length" ? Math.min(bytes.length, from + this.#left) : bytes.length;
    this.#left -= end - from;
    this.#take(bytes.subarray(from, end));
    return end;
  }

  #take(data: Buffer): void {
    this.#body_bytes += data.length;
    // A copy: a piece of a byte would hold all that was read with it.
    if (!this.is_cut) this.#pieces.push(Buffer.from(data));
  }
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0d || byte === 0x0a;
}
