/**
 * The framing `octet_counted`: each record has its length before it (RFC 6587), so that it may hold anything.
 *
 *     8 {"a":1}  LF 21 {"message":"a line"}
 *
 * Nothing else begins a record. What stands there instead is a line, which goes to quarantine: see no-message.ts.
 */
import { z } from "zod";
import { Found } from "../contract/found.ts";
import type { Framed, Framer, RecordPositions, Window } from "../contract/framer.ts";
import type { Framing } from "../contract/framing.ts";
import { looksCounted } from "./fitting.ts";
import { LongMessage } from "./long-message.ts";
import { headerAt, messageState, type MessageState } from "./message-length.ts";
import { isBetween, MessageScan } from "./message-scan.ts";
import { LongNoMessage, no_length, NoMessage, unfinished_message } from "./no-message.ts";
import { withoutNuls } from "../contract/nuls.ts";

const options = z
  .strictObject({})
  .describe(
    'Each record has its length in bytes and a blank before it, as in `7 {"a":1}` (octet counting, RFC 6587). It may contain line ' +
      "ends and anything else.",
  );

const syslog_message = /^\d+ <\d/;

export const octetCounted: Framing<z.output<typeof options>> = {
  options,
  explain: () => "A record is a message with its length and a blank before it (octet counting).",
  // Of a stream, messages with a syslog priority are told from lines anyway.
  fits: (text, from) =>
    looksCounted(text) && !(from === "stream" && syslog_message.test(text))
      ? { write: "octet_counted", seen: "has the length of each record before it" }
      : undefined,
  framer: (_, from) => framerFor(from === "file"),
};

/** In a file, NUL bytes at the end of what is there may have been allocated by a writer that will fill them. */
function framerFor(keeps_nuls: boolean): Framer {
  return {
    id: "octet_counted",
    isState: (value) => messageState.safeParse(value).success,
    frame: (window, positions) => frame(window, positions, keeps_nuls),
    contentStart: (bytes, from, state) =>
      state === undefined ? startOfMessage(bytes, from) : from,
    headerAt: (bytes, from, state) => {
      const header = state === undefined ? headerAt(bytes, from) : undefined;
      if (typeof header !== "object") return undefined;
      return { content: header.content, state: { octets: header.octets } };
    },
    // A message may hold what looks like the end of one.
    lastEnd: () => 0,
    scan: (state) => new MessageScan(state as MessageState),
    long: (state) => {
      const message = state as MessageState;
      if (message === undefined) return new LongNoMessage();
      return new LongMessage(message.octets, unfinished_message);
    },
  };
}

function frame(window: Window, positions: RecordPositions, keeps_nuls: boolean): Framed {
  const found = new Found(window, positions);
  const { from, is_last } = window;
  const certain_end = keeps_nuls && !is_last ? withoutNuls(window.bytes, from) : undefined;
  const bytes = window.bytes.subarray(0, certain_end);
  let state = window.state as MessageState;
  while (!found.is_full) {
    if (state === undefined) {
      passBetween(bytes, found);
      if (found.end === bytes.length) break;
      const header = headerAt(bytes, found.end);
      if (header === "unsure") break;
      if (header === undefined) {
        const line = new NoMessage();
        if (!refuseLine(bytes, line, found, window)) break;
        ({ state } = line);
        continue;
      }
      found.end = header.content;
      state = { octets: header.octets };
    }
    const end = found.end + state.octets;
    if (end > bytes.length) break;
    found.add(found.end, end);
    found.end = end;
    state = undefined;
  }
  if (is_last && !found.is_full) {
    addRest(bytes, state, found);
    state = undefined;
  }
  found.state = state;
  return found;
}

/** Refuses what is no message; false where its end is not there. */
function refuseLine(bytes: Buffer, line: NoMessage, found: Found, { is_whole }: Window): boolean {
  const end = line.push(bytes, found.end);
  if (is_whole === true && !line.is_ended) line.endHere();
  if (!line.is_ended) return false;
  found.refuse(found.end, end - line.end_bytes, no_length);
  found.end = end;
  return true;
}

/** What there is of a message whose rest never came, or of what is none. */
function addRest(bytes: Buffer, state: MessageState, found: Found): void {
  if (found.end === bytes.length) return;
  found.refuse(found.end, bytes.length, state === undefined ? no_length : unfinished_message);
  found.is_unfinished = true;
  found.end = bytes.length;
}

/** Goes over what is between two messages. */
function passBetween(bytes: Buffer, found: Found): void {
  const start = startOfMessage(bytes, found.end);
  for (let at = found.end; at < start; at += 1) if (bytes[at] === 0) found.nul_bytes += 1;
  found.end = start;
}

function startOfMessage(bytes: Buffer, from: number): number {
  let at = from;
  while (isBetween(bytes[at])) at += 1;
  return at;
}
