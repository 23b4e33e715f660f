/**
 * A line of a container's log as Kubernetes has its runtimes write it (containerd, CRI-O):
 *
 *     2026-11-28T20:00:00.123456789Z stdout P {"user":"ann",      a part of a line, which goes on
 *     2026-11-28T20:00:00.123456789Z stdout F "n":1}              its end, or a whole line
 *
 * The tag may be followed by others, `F:more`. Source: kubernetes/cri-api, pkg/apis/runtime/v1/constants.go; the design proposal
 * kubelet-cri-logging.md.
 */
import type { RecordHeader } from "../../../event/block.ts";
import { isDigit } from "../../../platform/text/digits.ts";
import type { LineFormat, Part, StreamName } from "./line-format.ts";

const space = 0x20;
const colon = 0x3a;
const hyphen = 0x2d;
const letter_t = 0x54;
const letter_p = 0x50;
const letter_f = 0x46;

const timestamp_bytes_min = "2026-11-28T20:00:00Z".length;
const timestamp_bytes_max = 40;
const header_bytes_max = 256;

const names: Record<StreamName, Buffer> = {
  stdout: Buffer.from("stdout "),
  stderr: Buffer.from("stderr "),
};
const name_bytes = names.stdout.length;
const fields: Record<StreamName, RecordHeader["fields"]> = {
  stdout: { stream: "stdout" },
  stderr: { stream: "stderr" },
};

export const criLine: LineFormat = {
  name: "cri",
  head_bytes: header_bytes_max,
  line_bytes_max: Infinity,
  read,
};

function read(bytes: Buffer, start: number, end: number): Part | string {
  const name_start = afterTimestamp(bytes, start, end);
  if (name_start === -1) return "it begins with no time as 2026-11-28T20:00:00.123Z";
  const stream = streamAt(bytes, name_start);
  const tag_start = name_start + name_bytes;
  if (stream === undefined || tag_start >= end)
    return "stdout or stderr is expected after the time";
  const tag = bytes[tag_start];
  const is_tag = tag === letter_p || tag === letter_f;
  const tags_end = is_tag
    ? endOfTags(bytes, tag_start + 1, Math.min(end, start + header_bytes_max))
    : -1;
  if (tags_end === -1) return "P or F is expected after the stream";
  const timestamp = bytes.toString("latin1", start, name_start - 1);
  const content = { bytes, start: Math.min(tags_end + 1, end), end };
  const header = { timestamp, fields: fields[stream] };
  return { stream, is_partial: tag === letter_p, content, header };
}

/** Index after the blank behind a time; -1 where there is none. Whether it is a real time shows where it is used. */
function afterTimestamp(bytes: Buffer, start: number, end: number): number {
  const is_like =
    isDigit(bytes[start]) && bytes[start + 4] === hyphen && bytes[start + 10] === letter_t;
  if (!is_like) return -1;
  const limit = Math.min(end, start + timestamp_bytes_max);
  let at = start + timestamp_bytes_min;
  while (at < limit && bytes[at] !== space) at += 1;
  return at < limit ? at + 1 : -1;
}

function streamAt(bytes: Buffer, at: number): StreamName | undefined {
  for (const name of ["stdout", "stderr"] as const) {
    const text = names[name];
    if (
      bytes.length - at >= name_bytes &&
      bytes.compare(text, 0, name_bytes, at, at + name_bytes) === 0
    )
      return name;
  }
  return undefined;
}

/** Where the tags end that go on at `at`; -1 where something else follows. */
function endOfTags(bytes: Buffer, at: number, limit: number): number {
  // A line without content may have lost the blank behind its tag.
  if (at === limit || bytes[at] === space) return at;
  if (bytes[at] !== colon) return -1;
  const end = bytes.indexOf(space, at);
  return end === -1 || end >= limit ? -1 : end;
}
