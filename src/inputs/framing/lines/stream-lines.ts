/**
 * Lines of streams, and among them messages with their length before them (octet counting, RFC 6587).
 *
 *     one LF  two CR LF  three NUL        lines; some programs end one with NUL, as syslog(3) does over a stream
 *     21 <13>Nov 28 app: hi LF            a message of 21 bytes, which may hold line ends
 *
 * Which of the two it is shows at the beginning of each: a length, a blank and a syslog priority. The priority is asked for,
 * since a line may begin with a number (`200 {"path":"/"}`), and whoever takes that for a length cuts records in the wrong
 * places. A line of JSON never begins so.
 */
import { Found } from "../contract/found.ts";
import type {
  Framed,
  Framer,
  FramingState,
  RecordPositions,
  RecordScan,
  Window,
} from "../contract/framer.ts";
import { addLine, addRest } from "./lines.ts";
import { LineEnds, LongLine } from "./long-line.ts";
import { LongMessage } from "../octets/long-message.ts";
import { messageState, type MessageState, syslogHeaderAt } from "../octets/message-length.ts";

const less_than = 0x3c;
const line_feed = 10;

export const streamLines: Framer = {
  id: "lines",
  isState: (value) => messageState.safeParse(value).success,
  frame,
  contentStart: (_, from) => from,
  headerAt: (bytes, from, state) => {
    const header = octetsOf(state) === undefined ? syslogHeaderAt(bytes, from) : undefined;
    if (typeof header !== "object") return undefined;
    return { content: header.content, state: { octets: header.octets } };
  },
  lastEnd: lastLineEnd,
  scan: () => new StreamScan(),
  long: (state) => {
    const octets = octetsOf(state);
    return octets === undefined ? new LongLine("lf_or_nul") : new LongMessage(octets);
  },
};

function octetsOf(state: FramingState): number | undefined {
  return (state as MessageState)?.octets;
}

/** Index after the last LF or NUL. */
function lastLineEnd(bytes: Buffer): number {
  const end = bytes.lastIndexOf(line_feed) + 1;
  return bytes.indexOf(0, end) === -1 ? end : bytes.lastIndexOf(0) + 1;
}

function frame(window: Window, positions: RecordPositions): Framed {
  const { bytes, is_last, state } = window;
  let octets = octetsOf(state);
  const found = new Found(window, positions);
  const ends = new LineEnds(bytes);
  while (!found.is_full && (octets !== undefined || found.end < bytes.length)) {
    if (octets !== undefined) {
      const end = found.end + octets;
      if (end > bytes.length) break;
      found.add(found.end, end);
      found.end = end;
      octets = undefined;
      continue;
    }
    const header = syslogHeaderAt(bytes, found.end);
    if (typeof header === "object") {
      ({ octets } = header);
      found.end = header.content;
      continue;
    }
    const end = header === "unsure" ? -1 : ends.from(found.end);
    if (end === -1) break;
    addLine(bytes, end, found);
    found.end = end + 1;
  }
  if (is_last && !found.is_full) {
    if (octets === undefined) addRest(bytes, found);
    else addPart(bytes, found);
    octets = undefined;
  }
  found.state = octets === undefined ? undefined : { octets };
  return found;
}

/** What there is of a message whose rest never came. */
function addPart(bytes: Buffer, found: Found): void {
  if (found.end === bytes.length) return;
  found.add(found.end, bytes.length);
  found.is_unfinished = true;
  found.end = bytes.length;
}

class StreamScan implements RecordScan {
  /** A record's end is the beginning of another. */
  readonly state = undefined;
  /** Bytes of a message that have yet to come. */
  #octets = 0;
  #is_in_line = false;
  /** The beginning of a record that may become a header. */
  #head: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): number {
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    const bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const end = this.#follow(bytes);
    // No record ends in the head, so that an end is behind it.
    return end === 0 ? -1 : end - head.length;
  }

  /** Index after the last record's end; 0 for none. */
  #follow(bytes: Buffer): number {
    if (this.#octets === 0 && bytes.indexOf(less_than) === -1) return this.#followLines(bytes);
    const ends = new LineEnds(bytes);
    let end = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.#octets === 0 && !this.#is_in_line) {
        const header = syslogHeaderAt(bytes, at);
        if (header === "unsure") {
          this.#head = Buffer.from(bytes.subarray(at));
          break;
        }
        if (header === undefined) this.#is_in_line = true;
        else ({ content: at, octets: this.#octets } = header);
      }
      const record_end = this.#is_in_line ? ends.from(at) + 1 : at + this.#octets;
      if (record_end === 0 || record_end > bytes.length) {
        if (!this.#is_in_line) this.#octets -= bytes.length - at;
        break;
      }
      end = at = record_end;
      this.#octets = 0;
      this.#is_in_line = false;
    }
    return end;
  }

  /** Where no message begins, all that can matter later is what is behind the last line end. */
  #followLines(bytes: Buffer): number {
    const end = lastLineEnd(bytes);
    if (end > 0) this.#is_in_line = false;
    if (this.#is_in_line || end === bytes.length) return end;
    if (syslogHeaderAt(bytes, end) === "unsure") this.#head = Buffer.from(bytes.subarray(end));
    else this.#is_in_line = true;
    return end;
  }
}
