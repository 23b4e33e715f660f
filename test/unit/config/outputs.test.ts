/** Several outputs in a configuration: which there are, which is the default, and what is refused, each at its place. */
import { describe, expect, test } from "vitest";
import { outputsOf } from "../../../src/config/outputs.ts";
import { complaintsAbout, load } from "../../support/configuration.ts";

const inputs = "inputs:\n  a: { paths: [/var/log/a.log] }\n";
const one = `output: { url: "https://splunk:8088", token: abc }\n`;
const several = `outputs:
  main: { url: "https://splunk:8088", token: abc }
  archive: { type: file, path: archive.jsonl }
  screen: { type: stdout }
`;

describe("outputs", () => {
  test("outputs - the one under `output` is called as it always was", async () => {
    const outputs = outputsOf(await load(inputs + one));
    expect(outputs).toMatchObject([{ name: "splunk", at: ["output"] }]);
    const file = await load(`${inputs}output: { type: file, path: /a.jsonl }\n`);
    expect(outputsOf(file).map(({ name }) => name)).toEqual(["file"]);
  });

  test("outputs - the default one comes first: the first that is written, or the one that is named", async () => {
    const names = async (text: string) => outputsOf(await load(text)).map(({ name }) => name);
    expect(await names(inputs + several)).toEqual(["main", "archive", "screen"]);
    const named = `${inputs}${several}default_output: screen\n`;
    expect(await names(named)).toEqual(["screen", "main", "archive"]);
  });

  test("outputs - have their own defaults, and paths that start at the configuration's folder", async () => {
    const config = await load(inputs + several);
    const { main, archive } = config.outputs!;
    expect(main).toMatchObject({ type: "splunk_hec", mode: "event" });
    expect(archive).toMatchObject({ mode: "0600", max_bytes: 256 * 1024 ** 2 });
    expect(archive).not.toHaveProperty("keep");
    expect(archive).toHaveProperty("path", config.file.replace("config.yaml", "archive.jsonl"));
    expect(archive!.buffer).toEqual({ max_bytes: 1024 ** 3 });
    expect(JSON.stringify(config)).not.toContain("abc");
  });
});

test("outputs - a file beside those that an input follows is none that comes back", async () => {
  const text = (path: string, exclude: string): string => `inputs:
  a: { paths: [/var/log/*], exclude: ${exclude} }
output: { type: file, path: ${path} }
`;
  expect(await complaintsAbout(text("/var/log/b", "[]"))).toHaveLength(1);
  expect(await complaintsAbout(text("/var/log/b", "[b]"))).toHaveLength(1);
  expect(await complaintsAbout(text("/var/log/b", `["b*"]`))).toEqual([]);
  expect(await complaintsAbout(text("/var/b", "[]"))).toEqual([]);
});

describe("mistakes", () => {
  test.each([
    ["both", one + several, ["3:1 output: `outputs` is given, too; keep one of the two"]],
    ["neither", "", ["1:1 output: is missing: where events go; for several, write `outputs`"]],
    ["none in it", "outputs: {}\n", ["3:10 outputs: expected at least one output"]],
    [
      "an unknown type",
      "output: { type: kafka }\n",
      ['3:17 output.type: expected "splunk_hec" or "file" or "stdout" or "nats", found "kafka"'],
    ],
    [
      "a default that is not there",
      `${several}default_output: archiv\n`,
      ['7:17 default_output: there is no output "archiv"; did you mean "archive"?'],
    ],
    [
      "a default of one",
      `${one}default_output: splunk\n`,
      ["4:17 default_output: it chooses among several `outputs`, but there is only one `output`"],
    ],
    [
      "a name of another form",
      `outputs: { Main: { type: stdout } }\n`,
      ["3:12 outputs.Main: expected a name of lower-case letters, digits and _, such as archive"],
    ],
    [
      "one file for two",
      `outputs:\n  b: { type: file, path: /a }\n  c: { type: file, path: /a }\n`,
      ["5:26 outputs.c.path: output b already writes there"],
    ],
    [
      "one file for two in other words",
      `outputs:\n  b: { type: file, path: /a/b }\n  c: { type: file, path: /a//x/../b }\n`,
      ["5:26 outputs.c.path: output b already writes there"],
    ],
    [
      "a file that is another one's when it is full",
      `outputs:\n  b: { type: file, path: /a.000002 }\n  c: { type: file, path: /a }\n`,
      ["5:26 outputs.c.path: output b already writes there"],
    ],
    [
      "a file that an input follows in other words",
      `output: { type: file, path: /var//log/x/../a.log }\n`,
      [
        "3:29 output.path: input a follows this file, so its events would loop forever; exclude it there",
      ],
    ],
    [
      "a file of tallyman's own",
      `state_dir: /s\noutput: { type: file, path: /s/quarantine/quarantine.jsonl }\n`,
      ["4:29 output.path: tallyman keeps its state there: /s/quarantine; choose another file"],
    ],
    [
      "what tallyman keeps of its run",
      `state_dir: /s\noutput: { type: file, path: /s/lifecycle.json }\n`,
      ["4:29 output.path: tallyman keeps its state there: /s/lifecycle.json; choose another file"],
    ],
    [
      "what takes the place of the state",
      `state_dir: /s\noutput: { type: file, path: /s/state.json.new }\n`,
      ["4:29 output.path: tallyman keeps its state there: /s/state.json.new; choose another file"],
    ],
    [
      "the admin socket in the state directory",
      `state_dir: /s\noutput: { type: file, path: /s/admin.sock }\n`,
      ["4:29 output.path: tallyman keeps its state there: /s/admin.sock; choose another file"],
    ],
    [
      "the admin socket elsewhere",
      `state_dir: /s\nadmin: { socket: /run/a.sock }\noutput: { type: file, path: /run/a.sock }\n`,
      ["5:29 output.path: tallyman listens there; choose another file"],
    ],
    [
      "permissions with which it could not be opened again",
      `output: { type: file, path: /a, mode: "0400" }\n`,
      [
        '3:39 output.mode: expected permissions with which its owner may read and write, such as "0600"',
      ],
    ],
    [
      "a file that an input follows",
      `output: { type: file, path: /var/log/a.log }\n`,
      [
        "3:29 output.path: input a follows this file, so its events would loop forever; exclude it there",
      ],
    ],
    [
      "standard output for two",
      `outputs: { b: { type: stdout }, c: { type: stdout } }\n`,
      ["3:44 outputs.c.type: output b already writes there"],
    ],
    [
      "an option of another type",
      `output: { type: stdout, path: /a }\n`,
      ["3:25 output.path: unknown option; known here: type, buffer"],
    ],
    [
      "a step that routes to none",
      `${several}chain:\n  - route: { to: archiv }\n`,
      ['8:18 chain[0].route.to: there is no output "archiv"; did you mean "archive"?'],
    ],
    [
      "a step that routes where there is one",
      `${one}chain:\n  - route: { to: archive }\n`,
      ['5:18 chain[0].route.to: there is no output "archive"; known here: splunk'],
    ],
    [
      "two at once",
      `outputs: { main: { type: stdout, x: 1 } }\nchain: [{ route: { to: b } }]\n`,
      [
        "3:34 outputs.main.x: unknown option; known here: type, buffer",
        '4:24 chain[0].route.to: there is no output "b"; known here: main',
      ],
    ],
  ])("outputs - %s", async (_name, text, expected) => {
    expect(await complaintsAbout(inputs + text)).toEqual(expected);
  });
});

test("outputs - an archive may stand beside what tallyman keeps in state_dir", async () => {
  const text = `state_dir: /s\noutput: { type: file, path: /s/archive/a.jsonl }\n`;
  expect(await complaintsAbout(inputs + text)).toEqual([]);
});
