import { expect, test } from "vitest";
import { dockerLine } from "../../../../../src/inputs/framing/containers/docker-line.ts";

function read(text: string | Buffer): unknown {
  const line = Buffer.from(text);
  const part = dockerLine.read(line, 0, line.length);
  if (typeof part === "string") return part;
  const { content, header, ...rest } = part;
  const { bytes, start, end } = content;
  return { ...rest, ...header, content: bytes.toString("utf8", start, end) };
}

const time = "2026-11-28T20:00:00.1Z";
const whole = {
  stream: "stdout",
  is_partial: false,
  timestamp: time,
  fields: { stream: "stdout" },
};

test.each<[string, unknown]>([
  [`{"log":"a\\n","stream":"stdout","time":"${time}"}`, { ...whole, content: "a" }],
  [`{"time":"${time}","stream":"stdout","log":"a\\n"}`, { ...whole, content: "a" }],
  [` {"log":"a\\n"}`, "it is no JSON object"],
  [`{"log":"a","stream":"stdout","time":"${time}"}`, { ...whole, is_partial: true, content: "a" }],
  [`{"log":"","stream":"stdout","time":"${time}"}`, { ...whole, is_partial: true, content: "" }],
  [`{"log":"a\\n\\n","stream":"stdout","time":"${time}"}`, { ...whole, content: "a\n" }],
  [
    `{"log":"\\u0000\\ud83d\\ude00\\ud83d\\u00e9\\"\\n","stream":"stdout","time":"${time}","more":{"a":[1]}}`,
    { ...whole, content: '\0😀\ufffdé"' },
  ],
  [
    `{"log":"a\\n","stream":"stdout","attrs":{"tag":"web","n":1,"stream":"mine"},"time":"${time}"}`,
    {
      ...whole,
      fields: { tag: "web", stream: "stdout" },
      from: {
        text: '{"tag":"web","n":1,"stream":"mine"}',
        parts: [{ field: "tag", names: ["tag"], values: ["web"] }],
      },
      content: "a",
    },
  ],
  [
    `{"log":"a\\n","stream":"stdout","attrs":[1]}`,
    { ...whole, timestamp: undefined, content: "a" },
  ],
  [`{"log":"x","log":"a\\n","stream":"stdout","time":"${time}"}`, { ...whole, content: "a" }],
  [`{"l\\u006fg":"a\\n","stream":"stdout","time":"${time}"}`, { ...whole, content: "a" }],
  ["", "it is no JSON object"],
  ["garbage", "it is no JSON object"],
  ['{"log":1,"stream":"stdout"}', "it has no text log"],
  ['{"stream":"stdout"}', "it has no text log"],
  ['{"log":"a"}', "its stream is neither stdout nor stderr"],
  ['{"log":"a","stream":"stdin"}', "its stream is neither stdout nor stderr"],
  ['{"log":"a","stream":"std', expect.stringMatching(/ at its byte \d+$/)],
])("docker line - %s", (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test("docker line - invalid UTF-8 is refused, since nothing else would keep its bytes", () => {
  const line = Buffer.from(`{"log":"\xff\\n","stream":"stdout"}`, "latin1");
  expect(read(line)).toMatch(/ at its byte 8$/);
});
