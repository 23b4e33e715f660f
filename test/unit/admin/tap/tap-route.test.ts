/** The route of taps: who may watch, and what is no request. */
import { expect, test } from "vitest";
import { adminOptions } from "../../../../src/admin/options.ts";
import { tapQuery } from "../../../../src/admin/tap/tap-messages.ts";
import { tapRoute } from "../../../../src/admin/tap/tap-route.ts";

async function ask(admin: Record<string, unknown>, query = "rate=5", full?: string) {
  const opened: unknown[] = [];
  const route = tapRoute({
    options: () => adminOptions.parse(admin),
    refusal: () => full,
    open: (request) => void opened.push(request),
  });
  const answer = await route.answer({
    headers: {},
    query: new URLSearchParams(query),
    body: "",
  });
  if ("begin" in answer) {
    const client = { waiting_bytes: 0, gone: new AbortController().signal };
    answer.begin({ ...client, write: () => undefined, end: () => undefined });
  }
  return {
    unix_only: route.unix_only,
    status: "begin" in answer ? 200 : answer.status,
    body: "begin" in answer ? "" : answer.body,
    opened,
  };
}

test("tap route - without a setting on the UNIX socket alone, and not where its mode lets every user in", async () => {
  expect(await ask({})).toMatchObject({ unix_only: true, status: 200, opened: [{ rate: 5 }] });
  expect(await ask({ mode: "0600" })).toMatchObject({ unix_only: true, status: 200 });
  for (const mode of ["0666", "0662"]) {
    const { status, body, opened } = await ask({ mode });
    expect({ status, opened }).toEqual({ status: 403, opened: [] });
    expect(body).toContain(`admin.mode: "${mode}"`);
  }
});

test("tap route - on loopback and for everybody where it is set so, and off where it is turned off", async () => {
  expect(await ask({ tap: true })).toMatchObject({ unix_only: false, status: 200 });
  expect(await ask({ tap: true, mode: "0666" })).toMatchObject({ status: 200 });
  expect(await ask({ tap: false })).toMatchObject({ unix_only: true, status: 403, opened: [] });
});

test("tap route - a request that is none, or too many", async () => {
  for (const query of ["rate=0", "rate=1001", "rate=x", "rate=1.5", "rate=-1"]) {
    expect(await ask({}, query), query).toMatchObject({ status: 400, opened: [] });
  }
  expect(await ask({}, "", "there are 4 taps")).toMatchObject({
    status: 503,
    body: "there are 4 taps\n",
  });
  const request = { input: "a&b=c", output: "ö ?", rate: 3 };
  expect(await ask({}, tapQuery(request).split("?")[1])).toMatchObject({ opened: [request] });
});
