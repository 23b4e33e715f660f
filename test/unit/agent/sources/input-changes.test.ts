/** What a reload means for inputs: which go on, which are opened again, and what only a restart can change. */
import { expect, test } from "vitest";
import {
  inputChanges,
  openedAs,
  refuseImpossible,
} from "../../../../src/agent/sources/input-changes.ts";
import type { RunningInput } from "../../../../src/agent/sources/running-input.ts";
import { prepareSetup, type Setup } from "../../../../src/agent/setup/setup.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { load } from "../../../support/configuration.ts";

async function setupOf(inputs: string, top = ""): Promise<Setup> {
  const output = `output: { url: "https://splunk:8088", token: abc }`;
  const config = await load(`${top}\ninputs: ${inputs}\n${output}\n`);
  return prepareSetup(config, silentLogger);
}

function runningWith({ inputs }: Setup): RunningInput[] {
  return inputs.map((compiled) => {
    const source = { name: compiled.name, setup: { compiled, buffers: new Map() } };
    return source as unknown as RunningInput;
  });
}

const before = `{
  files: { paths: [/a], metadata: { index: one } },
  apps: { type: socket, path: /run/a.sock },
  weka: { type: hec, listen: "127.0.0.1:8088", tokens: [abc] },
}`;

test.each([
  ["nothing", before, {}],
  ["metadata", before.replace("one", "two"), {}],
  ["the chain", before.replace("paths: [/a]", "paths: [/a], chain: []"), {}],
  ["time rules", before.replace("paths: [/a]", "paths: [/a], time: [at]"), {}],
  ["the journal", before.replace("a.sock", "a.sock, journal: { max_bytes: 2GiB }"), {}],
  ["when_full", before.replace("a.sock", "a.sock, when_full: drop_oldest"), {}],
  ["paths", before.replace("/a]", "/b]"), { reopening: ["files"] }],
  ["a bound", before.replace("a.sock", "a.sock, max_connections: 5"), { reopening: ["apps"] }],
  ["a token", before.replace("abc", "abcd"), { reopening: ["weka"] }],
  ["permissions", before.replace("a.sock", 'a.sock, mode: "0600"'), { reopening: ["apps"] }],
  [
    "a socket to one for datagrams",
    before.replace("a.sock", "a.sock, mode: datagram"),
    { going: ["apps"], coming: ["apps"] },
  ],
  ["a name", before.replace("files:", "logs:"), { going: ["files"], coming: ["logs"] }],
  [
    "a type",
    before.replace("type: socket, path: /run/a.sock", "paths: [/c]"),
    { going: ["apps"], coming: ["apps"] },
  ],
])("input changes - where %s changes", async (_what, after, expected) => {
  const [former, next] = [await setupOf(before), await setupOf(after)];
  const { going, reopening, coming } = inputChanges(runningWith(former), next, new Set());
  const names = (each: readonly { name: string }[]): string[] => each.map(({ name }) => name);
  expect({ going: names(going), reopening: names(reopening), coming: names(coming) }).toEqual({
    going: [],
    reopening: [],
    coming: [],
    ...expected,
  });
  expect(() => refuseImpossible(former, next)).not.toThrow();
});

test("input changes - an input that could not be opened again is opened again, though nothing else changes", async () => {
  const former = await setupOf(before);
  const present = runningWith(former);
  const { reopening } = inputChanges(present, former, new Set([present[1]!]));
  expect(reopening.map(({ name }) => name)).toEqual(["apps"]);
});

test("input changes - what is opened before it is in force has the options for that, and no others", async () => {
  const [former, next] = [
    await setupOf(before),
    await setupOf(
      before.replace("a.sock", "b.sock, when_full: drop_oldest, metadata: { index: x }"),
    ),
  ];
  const [, apps] = former.inputs;
  expect(openedAs(apps!, next.inputs[1]!)).toEqual({
    ...apps,
    options: { ...apps!.options, path: "/run/b.sock" },
  });
});

// With the code reload_impossible.
test("input changes - another state_dir, and standard input reopening, are refused together", async () => {
  const piped = `{ piped: { type: stdin } }`;
  const former = await setupOf(piped);
  const next = await setupOf(`{ other: { type: stdin } }`, "state_dir: /elsewhere");
  expect(() => refuseImpossible(former, next)).toThrow(
    /state_dir is .*; inputs\.piped reads standard input/,
  );
  expect(() => refuseImpossible(former, former)).not.toThrow();
});
