/** The routes of the page: what its files may load, how often a summary is made, and what a trial has to look like. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { adminOptions } from "../../../../src/admin/options.ts";
import type { Answer } from "../../../../src/admin/route.ts";
import { try_header } from "../../../../src/admin/web/tried-event.ts";
import { webRoutes } from "../../../../src/admin/web/web-routes.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { statusOf } from "../../../support/reports/status.ts";

function setUp(collecting_ms = 0) {
  const clock = new ManualClock();
  let collected = 0;
  const facts = { reload: undefined as unknown, admin: {}, is_busy: false };
  const tried: unknown[] = [];
  const routes = webRoutes({
    clock,
    status: () => {
      collected += 1;
      clock.pass(collecting_ms);
      return Promise.resolve(statusOf({ pid: collected }));
    },
    history: () => ({ interval_seconds: 10, columns: {} as never }),
    reload: () => facts.reload,
    options: () => adminOptions.parse(facts.admin),
    tryEvent: (question) => {
      if (facts.is_busy) return Promise.resolve("busy");
      tried.push(question);
      return Promise.resolve({ kind: "tried", events: [], others: 0 });
    },
  });
  const ask = async (path: string, headers = {}, body = ""): Promise<Answer> => {
    const route = routes.find((each) => each.path === path)!;
    const answer = await route.answer({ headers, query: new URLSearchParams(), body });
    if ("begin" in answer) throw new Error("no answer of the page goes on");
    return answer;
  };
  return { clock, ask, routes, tried, facts, collected: () => collected };
}

test("page routes - ten who look cost one summary a second", async () => {
  const { clock, ask, collected } = setUp();
  for (let second = 0; second < 5; second += 1) {
    await Promise.all(Array.from({ length: 10 }, () => ask("/page/summary")));
    clock.pass(1000);
  }
  expect(collected()).toBe(5);
});

test("page routes - what was collected before a reload is not shown after it", async () => {
  const { ask, facts, collected } = setUp();
  const shown = async (): Promise<unknown> =>
    (JSON.parse(String((await ask("/page/summary")).body)) as { pid: number }).pid;
  expect([await shown(), await shown()]).toEqual([1, 1]);
  facts.reload = {};
  expect([await shown(), await shown()]).toEqual([2, 2]);
  expect(collected()).toBe(2);
});

test("page routes - what takes long is made less often: half a percent of the time, and each 5 s at least", async () => {
  const slow = setUp(10);
  await slow.ask("/page/summary");
  slow.clock.pass(1900);
  await slow.ask("/page/summary");
  expect(slow.collected()).toBe(1);
  slow.clock.pass(100);
  await slow.ask("/page/summary");
  expect(slow.collected()).toBe(2);
  const slower = setUp(1000);
  await slower.ask("/page/summary");
  slower.clock.pass(5000);
  await slower.ask("/page/summary");
  expect(slower.collected()).toBe(2);
});

test("page routes - its files are small, compressed where that is taken, and may load nothing from elsewhere", async () => {
  const { ask } = setUp();
  let bytes = 0;
  for (const path of ["/", "/page/page.js"]) {
    const packed = await ask(path, { "accept-encoding": "gzip, br" });
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip" });
    expect(packed.headers!["content-security-policy"]).toContain(
      "default-src 'none'; script-src 'self'",
    );
    const plain = await ask(path);
    expect(plain.headers).not.toHaveProperty("content-encoding");
    expect(gunzipSync(packed.body as Buffer)).toEqual(plain.body);
    bytes += packed.body.length;
  }
  expect(bytes).toBeLessThanOrEqual(90 * 1024);
});

test("page routes - the page is shown before its script has come, with no style but its own", async () => {
  const { ask, routes } = setUp();
  const { body, headers } = await ask("/");
  const page = String(body);
  const [, sheet] = /<style>(.*)<\/style>/s.exec(page)!;
  expect(sheet).toContain(".banner");
  const hash = createHash("sha256").update(sheet!).digest("base64");
  const policy = headers!["content-security-policy"]!.split("; ");
  expect(policy).toContain(`style-src 'sha256-${hash}'`);
  expect(policy).toContain("script-src 'self'");
  expect(policy.join()).not.toContain("unsafe");
  // All that it loads is a path that is there, and nothing of it holds up the first paint.
  const asked = Array.from(page.matchAll(/(?:src|href)="(?!data:)([^"]*)"/g), ([, path]) => path);
  expect(asked).toEqual(["/page/page.js", "/page/page.js"]);
  expect(routes.map(({ path }) => path)).toContain("/page/page.js");
  expect(page).not.toMatch(/rel="stylesheet"|<script(?! type="module")/);
  expect(page).toContain("Asking the agent.");
  expect((await ask("/page/page.js")).headers!["content-security-policy"]).toContain(
    "style-src 'none'",
  );
});

test("page routes - an event is tried for the page alone, and only one that is not too long", async () => {
  const { ask, tried, routes } = setUp();
  const question = { input: "audit", text: "{}" };
  const page = { "x-tallyman-page": "try" };
  const send = async (body: unknown, headers = page): Promise<number> =>
    (await ask("/page/try", headers, JSON.stringify(body))).status;
  expect(await send(question, {} as typeof page)).toBe(403);
  expect(await send({ input: "audit" })).toBe(400);
  expect((await ask("/page/try", page, "{")).status).toBe(400);
  expect(await send({ ...question, text: "ä".repeat(33 * 1024) })).toBe(413);
  expect(tried).toEqual([]);
  expect(await send(question)).toBe(200);
  expect(tried).toEqual([question]);
  expect(routes.filter(({ method }) => method !== "GET")).toMatchObject([
    { path: "/page/try", unix_only: true },
  ]);
});

test("page routes - who tries while too many do is told when to come back", async () => {
  const { ask, facts, tried } = setUp();
  facts.is_busy = true;
  const body = JSON.stringify({ input: "audit", text: "{}" });
  const answer = await ask("/page/try", { [try_header]: "1" }, body);
  expect(answer).toMatchObject({ status: 429, headers: { "retry-after": "5" } });
  expect(String(answer.body)).toContain("Try again in a few seconds.");
  expect(tried).toEqual([]);
});

test("page routes - nothing is tried where the mode of the socket lets every user in, unless that is wanted", async () => {
  const { ask, facts, tried } = setUp();
  const trial = async (): Promise<unknown> => {
    const body = JSON.stringify({ input: "a", text: "{}" });
    return JSON.parse(String((await ask("/page/try", { [try_header]: "1" }, body)).body));
  };
  for (const mode of ["0666", "0662"]) {
    facts.admin = { mode };
    const message = expect.stringContaining(`admin.mode: "${mode}"`) as unknown;
    expect(await trial()).toMatchObject({ kind: "refused", message });
  }
  expect(tried).toEqual([]);
  for (const admin of [{}, { mode: "0600" }, { mode: "0666", tap: true }, { tap: false }]) {
    facts.admin = admin;
    expect(await trial()).toMatchObject({ kind: "tried" });
  }
});
