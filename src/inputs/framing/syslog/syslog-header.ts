/**
 * Takes the header off a syslog message, as senders and as rsyslog's files write it.
 *
 *     <34>Oct 11 22:14:15 mymachine su[231]: text                        RFC 3164
 *     Oct 11 22:14:15 mymachine su: text                                 a file: no priority
 *     2025-07-14T08:00:00.123+02:00 mymachine app[7]: @cee: {"a":1}      a file of rsyslog; a cookie before JSON
 *     <14>Oct 11 22:14:15 app[7]: text                                   /dev/log: no host
 *     <34>1 2025-07-14T08:00:00Z mymachine su 231 ID47 [a@1 b="c"] text  RFC 5424
 *
 * It is taken off where one JSON object and nothing else follows: then the event can be redacted by path, and what the header
 * said goes along as host, time and fields. Else it stays in the event, too, since in text a secret is told by what stands
 * before it.
 */
import type { HeaderPart, RecordHeader } from "../../../event/block.ts";
import type { TakenHeader } from "../contract/framing.ts";
import { isJsonObject } from "../header/taken-off.ts";
import { parseHeader, type ParsedHeader } from "./parsed-header.ts";
import { facilities, severities } from "./priority.ts";
import { valueOf } from "./structured-data.ts";

/** Bytes of a record in which its header must end. */
const header_bytes_max = 8192;
/** Bytes of what stands between the header and JSON. */
const prefix_bytes_max = 256;
/** Headers that are kept, to give all records that have the same one object. */
const headers_max = 1024;
const open_brace = "{";
/** What says that JSON follows. */
const cookie = /^@(?:cee|json|JSON):/;
/** What must not get into fields: controls, ends of lines, and what is no UTF-8. */
const unclean = /[\p{Cc}\p{Zl}\p{Zp}\ufffd]/u;

type KnownHeader = Omit<RecordHeader, "timestamp">;

const known = new Map<string, KnownHeader | undefined>();

/** Takes the header off `bytes[start, end)`, which is one record; undefined where it has none. */
export function takeSyslogHeader(
  bytes: Buffer,
  start: number,
  end: number,
): TakenHeader | undefined {
  const text = bytes.toString("latin1", start, Math.min(end, start + header_bytes_max));
  if (text.startsWith(open_brace)) return undefined;
  const parsed = parseHeader(text);
  if (parsed === undefined) return undefined;
  const brace = text.indexOf(open_brace, parsed.end);
  const is_json = brace >= 0 && isJsonObject(bytes, start + brace, end);
  const header = headerOf(parsed, text, is_json ? brace : parsed.end);
  if (header === undefined) return undefined;
  return { content: is_json ? start + brace : start, header };
}

/** What is passed on of a header that ends at `end`; undefined where it is not to be taken for one. */
function headerOf(parsed: ParsedHeader, text: string, end: number): RecordHeader | undefined {
  const { timestamp, priority, from } = parsed;
  const key = `${priority} ${parsed.end - from} ${text.slice(from, end)}`;
  if (!known.has(key)) {
    if (known.size >= headers_max) known.clear();
    known.set(key, make(parsed, text, end));
  }
  const header = known.get(key);
  return header && { timestamp, ...header };
}

function make(parsed: ParsedHeader, text: string, end: number): KnownHeader | undefined {
  const { priority, host, from } = parsed;
  const prefix = utf8(text.slice(parsed.end, end)).replace(/^[\ufeff ]+/, "");
  const before = prefix.replace(cookie, "").trim();
  const source = utf8(text.slice(from, end));
  if (prefix.length > prefix_bytes_max || unclean.test(source)) return undefined;
  const parts: HeaderPart[] = [];
  const fields = new Map<string, string | string[]>();
  if (priority !== undefined) {
    fields.set("facility", facilities[priority >> 3]!);
    fields.set("severity", severities[priority & 7]!);
  }
  const add = (field: string, value: string | undefined): void => {
    if (value === undefined || value === "") return;
    fields.set(field, value);
    parts.push({ field, names: [], values: [value] });
  };
  for (const field of ["appname", "procid", "msgid"] as const) add(field, decoded(parsed[field]));
  add("prefix", before);
  for (const [field, { names, values, written }] of structuredFields(parsed)) {
    fields.set(field, values.length === 1 ? values[0]! : values);
    parts.push({ field, names, values: written });
  }
  return {
    host,
    ...(fields.size > 0 && { fields: Object.fromEntries(fields) }),
    ...(source !== "" && { from: { text: source, parts } }),
  };
}

/** By field, what all parameters of one name hold. */
function structuredFields({ params }: ParsedHeader) {
  const all = new Map<string, { names: string[]; values: string[]; written: string[] }>();
  for (const param of params) {
    const names = [utf8(param.element), utf8(param.name)];
    const field = `sd.${names.join(".")}`;
    const those = all.get(field) ?? { names, values: [], written: [] };
    those.values.push(utf8(valueOf(param)));
    those.written.push(utf8(param.written));
    all.set(field, those);
  }
  return all;
}

function decoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : utf8(text);
}

/** From a text of octets. */
function utf8(octets: string): string {
  return Buffer.from(octets, "latin1").toString();
}
