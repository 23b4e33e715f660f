/** Tables in files that plugins look values up in: what they hold, what is refused, and that a change is used. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../../support/events/chains.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const files = {
  "owner.mjs": `export default {
    name: "owner",
    async create({ file }, context) {
      const owners = await context.lookup(file);
      return (event) => {
        const owner = owners.get(event.get("bucket"));
        if (event.has("change")) owner.team = "other";
        if (owner !== undefined) event.set("owner", owner);
        return event;
      };
    },
  };`,
};

function tableIn(name: string, text: string | Buffer): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

const csv = 'bucket,team,site\r\n"a,b",web,"ber ""lin"""\r\n\r\n7,,x\n__proto__,y,z\n';

test.each([
  ["t.csv", csv, '"a,b"', { team: "web", site: 'ber "lin"' }],
  ["t.csv", csv, "7", { team: "", site: "x" }],
  ["t.csv", csv, '"__proto__"', { team: "y", site: "z" }],
  ["two.CSV", "key,value\na,1\n", '"a"', "1"],
  ["t.json", '{"a":{"n":12345678901234567890},"true":null}', '"a"', { n: 12345678901234567890n }],
  ["t.json", '{"a":1,"true":null}', "true", null],
  ["t.yaml", "a: [x, 2]\n7: seven\n", "7", "seven"],
  ["t.yml", "a: [x, 2]\n", '"a"', ["x", 2]],
  ["t.json", '{"a":1}', '"toString"', undefined],
  ["t.json", '{"a":1}', '["a"]', undefined],
])("table - %s: %s at %s", async (name, text, key, value) => {
  const chain = await makeChain([{ owner: { file: tableIn(name, text) } }], { files });
  const { event } = runChain(chain, `{"bucket":${key}}`);
  expect(event.get("owner")).toEqual(value);
  await chain.dispose();
});

test.each([
  ["none.csv", undefined, "does not exist"],
  ["t.txt", "a", "is no table: its name has to end with .csv, .json, .yaml or .yml"],
  ["t.json", "{ secret", "is not JSON"],
  ["t.yaml", "a: [secret", "is not YAML"],
  ["t.json", "[1]", "is no table: it has to be a map of keys to values"],
  ["t.csv", "a\nb", "is wrong in line 1: it has to have the names of two or more columns"],
  ["t.csv", "a,b\n\nc", "is wrong in line 3: it has 1 values for 2 columns"],
  ["t.csv", 'a,b\n"c,d', "is wrong in line 2: its quotes are not closed, or text is behind them"],
  ["t.csv", "a,b\nc,1\nd,2\nc,3", "is wrong in line 4: it has the key of line 2 again"],
  ["t.csv", Buffer.of(0xff), "is not UTF-8 text"],
])("table - %s with %s is refused at the option that names it", async (name, text, why) => {
  const file = text === undefined ? "/nowhere/none.csv" : tableIn(name, text);
  // In a process of its own, too.
  for (const isolate of text === undefined ? [undefined, true] : [undefined]) {
    const step = { owner: { file }, ...(isolate && { isolate }) };
    const complaints = await complaintsAbout([step], { files });
    expect(complaints).toMatchObject([
      { path: ["chain", 0, "owner", "file"], message: `the file ${file} ${why}` },
    ]);
  }
});

test("table - a change is used, and where it breaks the values read before stay", async () => {
  const file = tableIn("t.csv", "bucket,owner\na,ann\n");
  const clock = new ManualClock();
  const log = new CollectedLog();
  const chain = await makeChain([{ owner: { file } }], { files, clock, log });
  const ownerOf = (bucket: string): unknown =>
    runChain(chain, JSON.stringify({ bucket })).event.get("owner");
  const change = async (
    text: string | undefined,
    code: "list_read" | "list_unreadable",
  ): Promise<void> => {
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
    const before = log.of(code).length;
    await eventually(() => {
      clock.pass(5000);
      return log.of(code).length > before;
    });
  };
  await change("bucket,owner\na,bob\nb,eve\n", "list_read");
  expect([ownerOf("a"), ownerOf("b")]).toEqual(["bob", "eve"]);
  for (const broken of ["bucket,owner\na\n", "bucket,owner\n", undefined]) {
    await change(broken, "list_unreadable");
    expect([ownerOf("a"), ownerOf("b")]).toEqual(["bob", "eve"]);
    expect(chain.lists).toMatchObject([{ path: file, count: 2 }]);
  }
  expect(log.of("list_unreadable")).toHaveLength(3);
  await chain.dispose();
});

longTest("table - of an isolated step, too, it is known what became of the file", async () => {
  const file = tableIn("t.csv", "bucket,owner\na,ann\n");
  const chain = await makeChain([{ owner: { file }, isolate: true }], { files });
  expect(chain.lists).toEqual([{ path: file, count: 1 }]);
  rmSync(file);
  await eventually(() => chain.lists[0]?.trouble !== undefined);
  expect(chain.lists).toMatchObject([{ path: file, count: 1, trouble: expect.any(String) }]);
  await chain.dispose();
});

test("table - what it holds cannot be changed by a plugin", async () => {
  const file = tableIn("t.json", '{"a":{"team":"web"}}');
  const chain = await makeChain([{ owner: { file } }], { files });
  expect(runChain(chain, '{"bucket":"a","change":1}').detail).toMatch(/the step threw TypeError/);
  expect(runChain(chain, '{"bucket":"a"}').text).toContain('"owner":{"team":"web"}');
  await chain.dispose();
});
