import { expect, test } from "vitest";
import { criLine } from "../../../../../src/inputs/framing/containers/cri-line.ts";

function read(text: string): unknown {
  const line = Buffer.from(`before\n${text}\nstdout F after`);
  const part = criLine.read(line, 7, 7 + Buffer.byteLength(text));
  if (typeof part === "string") return part;
  const { content, header, ...rest } = part;
  const { bytes, start, end } = content;
  return { ...rest, ...header, content: bytes.toString("utf8", start, end) };
}

const time = "2026-11-28T20:00:00.123456789Z";
const stdout = { stream: "stdout", timestamp: time, fields: { stream: "stdout" } };
const no_time = "it begins with no time as 2026-11-28T20:00:00.123Z";
const no_stream = "stdout or stderr is expected after the time";
const no_tag = "P or F is expected after the stream";

test.each<[string, unknown]>([
  [`${time} stdout F {"a":1}`, { ...stdout, is_partial: false, content: '{"a":1}' }],
  [`${time} stdout P  é `, { ...stdout, is_partial: true, content: " é " }],
  [`${time} stdout P:x:y a`, { ...stdout, is_partial: true, content: "a" }],
  [`${time} stdout F `, { ...stdout, is_partial: false, content: "" }],
  [`${time} stdout F`, { ...stdout, is_partial: false, content: "" }],
  [
    "2026-11-28T20:00:00+01:00 stderr F a",
    {
      stream: "stderr",
      timestamp: "2026-11-28T20:00:00+01:00",
      fields: { stream: "stderr" },
      is_partial: false,
      content: "a",
    },
  ],
  ["", no_time],
  ['{"a":1}', no_time],
  ["2026-11-28 20:00:00.123456789 stdout F a", no_time],
  [`${time}${"0".repeat(40)} stdout F a`, no_time],
  [time, no_time],
  [`${time} `, no_stream],
  [`${time} stdin F a`, no_stream],
  [`${time} stdout`, no_stream],
  [`${time} stdout `, no_stream],
  [`${time} stdout X a`, no_tag],
  [`${time} stdout Full a`, no_tag],
  [`${time} stdout F:x`, no_tag],
  [`${time} stdout F:${"x".repeat(300)} a`, no_tag],
])("cri line - %s", (text, expected) => {
  expect(read(text)).toEqual(expected);
});
