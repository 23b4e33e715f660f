/** What a fleet has for an agent, laid over its own file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../../src/config/load.ts";
import { keptPath } from "../../../src/config/fleet/kept.ts";
import { sha256Of } from "../../../src/config/fleet/signed.ts";
import type { Pushed } from "../../../src/config/pushed.ts";
import { describeComplaint } from "../../../src/platform/errors.ts";
import { verifierKeyText } from "../../../src/proof/format/notes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const pin = verifierKeyText({ name: "ops", key: Buffer.alloc(32, 7) });
const output = "output: { type: file, path: out.log }\n";

type Configured = Exclude<Pushed, string>;

function pushed(yaml: string): Pushed {
  const time = "2026-11-29T18:05:26.000Z";
  return { group: "web", serial: 7, time, sha256: sha256Of(yaml), yaml, shown: "web.yaml" };
}

interface Own {
  text?: string;
  takes?: string;
  state_dir?: string;
}

async function read(over: Pushed | undefined, { text = output, takes = "", state_dir }: Own = {}) {
  const folder = temporaryDirectory();
  const file = join(folder, "config.yaml");
  const state = state_dir ?? join(folder, "state");
  const fleet = `fleet: { servers: ["nats://n1:4222"], group: web, signed_by: ["${pin}"], paths: ["/"]${takes} }`;
  writeFileSync(file, `state_dir: ${state}\n${fleet}\n${text}`);
  const { config, complaints } = await readConfig(file, { NAME: "value" }, over);
  return { config, complaints: complaints.map(describeComplaint), folder };
}

describe("what a fleet has for an agent", () => {
  test("an agent of a fleet needs no inputs of its own, and others do", async () => {
    expect((await read(undefined)).config?.inputs).toEqual({});
    const file = join(temporaryDirectory(), "config.yaml");
    for (const inputs of ["", "inputs: {}\n"]) {
      writeFileSync(file, inputs + output);
      const [complaint] = (await readConfig(file)).complaints;
      expect(complaint!.message).toMatch(/^inputs: (is missing|expected at least one input)/);
    }
  });

  test("sections are taken whole, and the others stay", async () => {
    const own = {
      text: `${output}inputs: { own: { paths: [/own] } }\nchain: [{ redact: { fields: [a] } }]\n`,
    };
    const { config, folder } = await read(pushed("inputs: { web: { paths: [web.log] } }\n"), own);
    expect(Object.keys(config!.inputs)).toEqual(["web"]);
    // As everywhere, a relative path begins beside the agent's own file.
    expect(config!.inputs["web"]).toMatchObject({ paths: [join(folder, "web.log")] });
    expect(config!.chain).toHaveLength(1);
    expect(config!.taken).toMatchObject({ group: "web", serial: 7 });
    const chain = await read(pushed("x-a: 1\nchain: []\ntests: []\n"), own);
    expect(Object.keys(chain.config!.inputs)).toEqual(["own"]);
    expect(chain.config!.chain).toEqual([]);
  });

  test.each([
    "state_dir: /tmp/x",
    "fleet: {}",
    "plugins_dir: /tmp",
    "admin: { socket: false }",
    "proof: { enabled: true }",
    "output: { type: stdout }",
    "outputs: { a: { type: stdout } }",
    "default_output: a",
    "log: { level: debug }",
    "quarantine: { max_bytes: 1MiB }",
    "no_such: 1",
  ])("%s is not taken", async (section) => {
    const { config, complaints } = await read(pushed(`chain: []\n${section}\n`));
    expect(config).toBeUndefined();
    expect(complaints[0]).toMatch(/^web\.yaml:2:1: \w+: is the agent's own/);
  });

  test("outputs are taken together, where the file lets them", async () => {
    const several = pushed(
      "outputs: { a: { type: stdout }, b: { type: file, path: b } }\ndefault_output: b\n",
    );
    const { config } = await read(several, { takes: ", takes: [outputs]" });
    expect(config!.output).toBeUndefined();
    expect(config!.default_output).toBe("b");
    const own = { text: `${output}inputs: { a: { paths: [/a] } }\n`, takes: ", takes: [chain]" };
    expect((await read(pushed("inputs: {}\n"), own)).complaints[0]).toContain(
      "this one takes chain",
    );
  });

  test("no file of the host can be named for a value, and the environment can", async () => {
    const chain = (value: string): string =>
      `inputs: { a: { paths: [/a], metadata: { fields: { site: "${value}" } } } }\n`;
    const { complaints } = await read(pushed(chain("${file:/etc/hostname}")));
    expect(complaints[0]).toContain("is refused in a configuration for a fleet");
    expect((await read(pushed(chain("${env:NAME}")))).config).toBeDefined();
  });

  test("mistakes are named in the file in which they are", async () => {
    const { complaints } = await read(pushed("chain: []\ninputs:\n  a: { path: x }\n"), {
      text: `${output}log: { level: loud }\n`,
    });
    expect(complaints).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/web\.yaml:3:/),
        expect.stringMatching(/config\.yaml:4:.*log\.level/),
      ]),
    );
    expect((await read(pushed("a: [\n"))).complaints[0]).toMatch(/^web\.yaml:/);
    expect((await read(pushed("text\n"))).complaints[0]).toContain("expected a map");
  });

  test("what is kept and is not signed as it should be is not used, and not passed over", async () => {
    const state_dir = temporaryDirectory();
    writeFileSync(keptPath(state_dir), '{"v":1,"highest":{},"note":"inputs: {}"}');
    const { complaints } = await read(undefined, { state_dir });
    expect(complaints[0]).toContain(
      "the fleet's configuration cannot be used: it is no signed note",
    );
    expect((await read("held", { state_dir })).config?.inputs).toEqual({});
  });

  test("what was put there for another group than the file names now is not used", async () => {
    const { shown: _, ...put } = pushed("inputs: { web: { paths: [web.log] } }\n") as Configured;
    const { config } = await read({ ...put, group: "db" });
    expect(config).toMatchObject({ inputs: {} });
    expect(config!.taken).toBeUndefined();
    expect((await read(put)).config!.taken).toMatchObject({ group: "web" });
  });
});
