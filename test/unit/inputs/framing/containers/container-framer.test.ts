/**
 * What framers of containers' logs say of a part of one, and what they remember of it. The properties of whole logs are in
 * test/property/framings/container-framings.test.ts.
 */
import { expect, it } from "vitest";
import type { FramingState, Window } from "../../../../../src/inputs/framing/contract/framer.ts";
import { framings } from "../../../../../src/inputs/framing/framings.ts";

const framer = framings.cri.framer({}, "file");
const time = "2026-11-28T20:00:00Z";
const line = (stream: string, tag: string, text: string): string =>
  `${time} ${stream} ${tag} ${text}\n`;

function frame(text: string, more: Partial<Window> = {}, records_max = 16) {
  const bytes = Buffer.from(text);
  const [starts, ends] = [new Int32Array(records_max), new Int32Array(records_max)];
  const window = { bytes, from: 0, is_last: false, state: undefined, ...more };
  const framed = framer.frame(window, { starts, ends, event_bytes_max: 1024 });
  const texts = Array.from({ length: framed.count }, (_, number) =>
    framed.made!.bytes.toString("utf8", starts[number], ends[number]),
  );
  return { ...framed, texts };
}

const [a, b] = [line("stdout", "P", "a"), line("stderr", "F", "b")];

it("container framer - what the other stream has written is given out once, though an older record is open", () => {
  const first = frame(a + b);
  expect(first).toMatchObject({ texts: ["b"], end: 0 });
  expect(first.state).toEqual({ given: { stderr: (a + b).length } });
  const whole = a + b + line("stdout", "F", "c") + b;
  expect(frame(whole, { state: first.state })).toMatchObject({
    texts: ["ac", "b"],
    end: whole.length,
    state: undefined,
  });
});

it("container framer - room for one record at a time gives each once, in the same order", () => {
  const text = a + b + a + line("stdout", "F", "c") + b;
  const texts: string[] = [];
  let from = 0;
  let state: FramingState = undefined;
  for (let round = 0; round < 5; round += 1) {
    const framed = frame(text, { from, state }, 1);
    texts.push(...framed.texts);
    ({ end: from, state } = framed);
  }
  expect(texts).toEqual(["b", "aac", "b"]);
  expect([from, state]).toEqual([text.length, undefined]);
});

it("container framer - after a time of silence a part is given out, and its rest is kept back unless it is whole JSON", () => {
  const beginning = `${time} stderr F not whole`;
  const quiet = frame(a + beginning, { is_quiet: true });
  expect(quiet).toMatchObject({ texts: ["a"], end: a.length, state: { rest: { stdout: true } } });
  expect(quiet.headers?.get(0)?.fields).toEqual({ stream: "stdout", tallyman_unfinished: true });
  const rest = frame(line("stdout", "P", "b") + line("stdout", "F", "c"), { state: quiet.state });
  expect(rest).toMatchObject({ texts: [""], state: undefined });
  expect(rest.verdicts?.get(0)?.reason).toBe("rest_of_record");
  expect(rest.truncations?.get(0)?.original_bytes).toBe(2);
  const whole = frame(line("stdout", "F", '{"a":1}'), { state: quiet.state });
  expect(whole).toMatchObject({ texts: ['{"a":1}'], verdicts: undefined, state: undefined });
});

it("container framer - a damaged state, and that of another framing, is none", () => {
  for (const state of [{ given: { stdout: 5 } }, { rest: { stderr: true } }, { torn: 3 }, {}]) {
    expect(framer.isState(state)).toBe(true);
  }
  for (const state of [1, null, [], { given: { stdin: 5 } }, { given: { stdout: -1 } }, { x: 1 }]) {
    expect(framer.isState(state)).toBe(false);
  }
});

it("container framer - reading begins in the middle of a file where no stream is in the middle of a record", () => {
  const end = (text: string): number => framer.lastEnd(Buffer.from(text));
  expect(end(`half\n${b}${a}${b}`)).toBe(`half\n${b}`.length);
  expect(end(`half\n${a}`)).toBe(0);
  expect(end("half")).toBe(0);
});

it("container framer - a file begins where the one before it left off, but for what was given out there", () => {
  const inherited = (state: FramingState, known?: unknown) => framer.inherited!(state, known);
  expect(inherited({ given: { stderr: 5 } })).toBeUndefined();
  expect(inherited({ given: { stderr: 5 }, rest: { stdout: true } })).toEqual({
    rest: { stdout: true },
  });
  expect(inherited(undefined, frame(a).followed)).toEqual({ rest: { stdout: true } });
  expect(inherited(undefined, frame(b).followed)).toBeUndefined();
});
