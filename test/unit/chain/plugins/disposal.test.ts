/** The end of a step: called once, waited for so long and no longer, and whatever it does goes no further than the log. */
import { expect, test } from "vitest";
import type { Chain } from "../../../../src/chain/chain.ts";
import { dispose_timeout_ms } from "../../../../src/chain/plugins/disposal.ts";
import { complaintsAbout, makeChain, runChain } from "../../../support/events/chains.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";

const secret = "hunter2";

/** A plugin whose steps note in `globalThis.ended` when they are ended. */
function plugin(name: string, dispose = "", create = ""): string {
  return `export default { name: "${name}", async create(options) { ${create}
    return { step: (event) => event, tag: "${name}",
      dispose() { globalThis.ended.push(this.tag); ${dispose} } }; } };`;
}

function ended(): string[] {
  const list: string[] = [];
  Object.assign(globalThis, { ended: list });
  return list;
}

async function chainOf(dispose: string, log = new CollectedLog()): Promise<Chain> {
  const files = { "p.mjs": plugin("p", dispose), "q.mjs": plugin("q") };
  return makeChain([{ p: {} }, { q: {} }], { files, log, clock: fastClock(1000) });
}

test("disposal - each step is ended once, with the object that create gave", async () => {
  const list = ended();
  const chain = await chainOf("");
  expect(runChain(chain, `{"a":1}`).outcome).toBe("kept");
  expect(list).toEqual([]);
  await Promise.all([chain.dispose(), chain.dispose()]);
  await chain.dispose();
  expect(list).toEqual(["p", "q"]);
});

test.each([
  ["throws", `throw new RangeError("${secret}");`],
  ["rejects", `return Promise.reject(new RangeError("${secret}"));`],
  [
    "throws what throws",
    `throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } });`,
  ],
  ["gives what throws", `return { get then() { throw new RangeError("${secret}"); } };`],
])(
  "disposal - one that %s is logged without its message, and the others are ended",
  async (_what, body) => {
    const list = ended();
    const log = new CollectedLog();
    await (await chainOf(body, log)).dispose();
    expect(list).toEqual(["p", "q"]);
    expect(log.at("error")).toHaveLength(1);
    expect(log.at("error")[0]).toMatchObject({ facts: { step: "p", plugin: "p" } });
    expect(log.codesAt("error")).toEqual(["step_dispose_failed"]);
    expect(log.text).not.toContain(secret);
  },
);

test("disposal - one that does not come to an end is waited for so long", async () => {
  const log = new CollectedLog();
  ended();
  await (await chainOf("return new Promise(() => {});", log)).dispose();
  expect(log.at("error")[0]).toMatchObject({ facts: { step: "p", waited_ms: dispose_timeout_ms } });
});

test("disposal - the steps of a chain with mistakes are ended", async () => {
  const list = ended();
  const bad = `export default { name: "bad", create(o, context) { context.path("a..b");
    return { step: (e) => e, dispose() { globalThis.ended.push("bad"); } }; } };`;
  const files = { "p.mjs": plugin("p"), "bad.mjs": bad };
  const complaints = await complaintsAbout([{ p: {} }, { bad: {} }, { nope: {} }], { files });
  expect(complaints).toHaveLength(2);
  expect(list).toEqual(["p", "bad"]);
});

test("disposal - a step that comes too late is ended", async () => {
  const list = ended();
  const { promise, resolve } = Promise.withResolvers<void>();
  Object.assign(globalThis, { late: promise });
  const files = { "p.mjs": plugin("p", "", "await globalThis.late;") };
  const complaints = await complaintsAbout([{ p: {} }], { files, clock: fastClock(1000) });
  expect(complaints[0]?.message).toContain("has not answered within 30 seconds");
  expect(list).toEqual([]);
  resolve();
  await expect.poll(() => list).toEqual(["p"]);
});
