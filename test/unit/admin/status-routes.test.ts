/** What is told on which path, and that asking all the time costs no more than asking now and then. */
import { expect, test } from "vitest";
import type { AgentState } from "../../../src/admin/status/status.ts";
import type { Answer } from "../../../src/admin/route.ts";
import { statusRoutes } from "../../../src/admin/status-routes.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";
import { statusOf } from "../../support/reports/status.ts";

function setUp() {
  const clock = new ManualClock();
  const facts = {
    state: "starting" as AgentState,
    fault: undefined as string | undefined,
    reload: undefined as unknown,
  };
  let collected = 0;
  const routes = statusRoutes({
    clock,
    state: () => facts.state,
    fault: () => Promise.resolve(facts.fault),
    status: () => {
      collected += 1;
      return Promise.resolve(statusOf({ pid: collected, state: facts.state }));
    },
    reload: () => facts.reload,
  });
  const get = async (path: string): Promise<Answer> => {
    const request = { headers: {}, query: new URLSearchParams(), body: "" };
    const answer = await routes.find((route) => route.path === path)!.answer(request);
    if ("begin" in answer) throw new Error("a status is no long answer");
    return answer;
  };
  return { clock, facts, get, collected: () => collected };
}

test("status routes - readiness is the agent's state, health is whether it works", async () => {
  const { facts, get } = setUp();
  expect(await get("/readyz")).toMatchObject({ status: 503, body: "starting\n" });
  expect(await get("/healthz")).toMatchObject({ status: 200 });
  facts.state = "ready";
  expect(await get("/readyz")).toMatchObject({ status: 200 });
  facts.fault = "the file system of state_dir does not answer";
  expect(await get("/healthz")).toMatchObject({ status: 503, body: `${facts.fault}\n` });
  facts.state = "stopping";
  expect(await get("/readyz")).toMatchObject({ status: 503, body: "stopping\n" });
});

test("status routes - the status has its warnings with it", async () => {
  const { get } = setUp();
  const { body, type } = await get("/status");
  expect(type).toBe("application/json");
  expect(JSON.parse(String(body))).toMatchObject({
    pid: 1,
    warnings: [{ code: "not_ready", severity: "problem" }],
  });
});

test("status routes - it is collected once for all who ask within a moment", async () => {
  const { clock, get, collected } = setUp();
  await Promise.all([get("/status"), get("/metrics"), get("/status")]);
  clock.pass(200);
  await get("/metrics");
  expect(collected()).toBe(1);
  clock.pass(1);
  await get("/metrics");
  expect(collected()).toBe(2);
});

test("status routes - what was collected before a reload is not reported after it", async () => {
  const { facts, get, collected } = setUp();
  await get("/status");
  facts.reload = { result: "applied" };
  await Promise.all([get("/status"), get("/metrics")]);
  expect(collected()).toBe(2);
});

test("status routes - all may be read on loopback", () => {
  const { clock } = setUp();
  const status = () => Promise.resolve(statusOf());
  const fault = () => Promise.resolve(undefined);
  const reload = (): unknown => undefined;
  const routes = statusRoutes({ clock, state: () => "ready", fault, status, reload });
  expect(routes.filter(({ method, unix_only }) => method !== "GET" || unix_only)).toEqual([]);
});
