/**
 * What `doctor` finds at the collector itself: health, token, acknowledgement, indexes, the way and the clock.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Cause } from "../../../../src/doctor/findings/causes.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { findingsOf, faultsIn, onlyFault, setUp } from "../../../support/doctor.ts";
import { Splunk, valid_token } from "../../../support/splunk.ts";
import { startWebServer } from "../../../support/servers/web-server.ts";

const unknown_token = "00000000-dead-4000-8000-00000badc0de";

describe("a sound set-up", () => {
  test("doctor - finds nothing, and sends one event, which says what it is", async () => {
    const splunk = await Splunk.start({ indexes: ["audit"] });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(faultsIn(findings)).toEqual([]);
    expect(splunk.indexed).toHaveLength(1);
    expect(splunk.indexed[0]).toMatchObject({ sourcetype: "tallyman:doctor", index: "audit" });
    expect(splunk.events[0]).toContain("tallyman doctor");
    const checks = ["config", "plugins", "files", "state", "dns", "tcp", "tls", "health", "token"];
    expect(findings.map(({ check }) => check)).toEqual([...checks, "ack", "event", "clock"]);
  });

  test("doctor - sends one event to each index that inputs name, and one to the token's own", async () => {
    const splunk = await Splunk.start({ indexes: ["audit", "main"] });
    const paths = 'paths: ["/var/log/*.log"]';
    const inputs = [
      `one: { ${paths}, metadata: { index: audit } }`,
      `two: { ${paths}, metadata: { index: audit } }`,
      `three: { ${paths}, metadata: { index: main } }`,
      `four: { ${paths} }`,
    ];
    await findingsOf(setUp({ url: splunk.url, inputs }));
    const indexes = splunk.indexed.map(({ index }) => index);
    expect(indexes).toEqual(["audit", "main", undefined]);
  });

  test("doctor - sends nothing where it is told to, and says so", async () => {
    const splunk = await Splunk.start();
    const findings = await findingsOf(setUp({ url: splunk.url }), { send: false });
    expect(faultsIn(findings)).toEqual([]);
    expect(splunk.indexed).toEqual([]);
    const event = findings.find(({ check }) => check === "event");
    expect(event).toMatchObject({
      verdict: "skipped",
      message: expect.stringContaining("--no-send"),
    });
  });

  test("doctor - sends the event as the output sends its events: raw and compressed", async () => {
    const splunk = await Splunk.start();
    const output = ["mode: raw", "compression: gzip"];
    const findings = await findingsOf(setUp({ url: splunk.url, output }));
    expect(faultsIn(findings)).toEqual([]);
    expect(splunk.raw).toHaveLength(1);
    expect(splunk.raw[0]!.path).toContain("sourcetype=tallyman%3Adoctor");
    expect(splunk.requests.at(-1)!.headers["content-encoding"]).toBe("gzip");
  });
});

describe("the token", () => {
  test("doctor - names a token that Splunk does not know, and indexes nothing to find out", async () => {
    const splunk = await Splunk.start({ tokens: [unknown_token] });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    const { remedy } = onlyFault(findings, "token", "invalid_token");
    expect(remedy).toContain("output.token");
    expect(JSON.stringify(findings)).not.toContain(valid_token);
    const skipped = findings.filter(({ verdict }) => verdict === "skipped");
    expect(skipped.map(({ check }) => check)).toEqual(["tls", "ack", "event"]);
  });

  test("doctor - names a token that is disabled", async () => {
    const splunk = await Splunk.start();
    splunk.tokens.set(valid_token, { ack: false, disabled: true });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(onlyFault(findings, "token", "token_disabled").remedy).toContain("Enable it");
  });

  test("doctor - names a proxy that takes the Authorization header away", async () => {
    const splunk = await Splunk.start();
    const code_2 = '{"text":"Token is required","code":2}';
    splunk.next({ kind: "normal" }, { kind: "answer", status: 401, body: code_2 });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(onlyFault(findings, "token", "token_required").remedy).toContain("Authorization");
  });
});

describe("the index", () => {
  test("doctor - names an index that the token may not write to, and whose it is", async () => {
    const splunk = await Splunk.start({ indexes: ["main"] });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    const { message, remedy } = onlyFault(findings, "event", "incorrect_index");
    expect(message).toMatch(/index audit, of input audit/);
    expect(remedy).toContain("metadata.index");
  });

  test("doctor - names the index of tallyman's own events, too", async () => {
    const splunk = await Splunk.start({ indexes: ["audit"] });
    const findings = await findingsOf(setUp({ url: splunk.url, lifecycle: "{ index: agents }" }));
    const { message, remedy } = onlyFault(findings, "event", "incorrect_index");
    expect(message).toMatch(/index agents, of input tallyman/);
    expect(remedy).toContain("lifecycle.index");
  });

  test("doctor - tells of one index that is wrong, though another is right", async () => {
    const splunk = await Splunk.start({ indexes: ["main"] });
    const inputs = ["wrong", "main"].map(
      (index) => `${index}_input: { paths: ["/var/log/*.log"], metadata: { index: ${index} } }`,
    );
    const findings = await findingsOf(setUp({ url: splunk.url, inputs }));
    const events = findings.filter(({ check }) => check === "event");
    expect(events.map(({ verdict }) => verdict)).toEqual(["failed", "ok"]);
  });
});

describe("indexer acknowledgement", () => {
  test("doctor - waits for the acknowledgement of its event where the token has that", async () => {
    const splunk = await Splunk.start({ ack: true });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(faultsIn(findings)).toEqual([]);
    expect(splunk.indexed).toHaveLength(1);
    const { message } = findings.find(({ check }) => check === "event")!;
    expect(message).toContain("was indexed");
  });

  test("doctor - finds its acknowledgement behind a balancer with sticky sessions", async () => {
    const splunk = await Splunk.start({ ack: true, nodes: 3 });
    expect(faultsIn(await findingsOf(setUp({ url: splunk.url })))).toEqual([]);
  });

  test("doctor - warns where the acknowledgement does not come", async () => {
    const splunk = await Splunk.start({ ack: true });
    splunk.index_after_ms = Infinity;
    const findings = await findingsOf(setUp({ url: splunk.url }));
    const { remedy } = onlyFault(findings, "event", "ack_slow");
    expect(remedy).toContain("`ack_timeout`");
  });

  test("doctor - names a token without it where the output waits for it", async () => {
    const splunk = await Splunk.start();
    const findings = await findingsOf(setUp({ url: splunk.url, output: ['ack: "on"'] }));
    expect(onlyFault(findings, "ack", "ack_disabled").remedy).toContain("output.ack");
    expect(splunk.indexed).toEqual([]);
  });

  test("doctor - is content with a token that has it where the output does not use it", async () => {
    const splunk = await Splunk.start({ ack: true });
    const findings = await findingsOf(setUp({ url: splunk.url, output: ['ack: "off"'] }));
    expect(faultsIn(findings)).toEqual([]);
    expect(findings.find(({ check }) => check === "ack")!.message).toContain("off");
  });

  test.each([false, true])(
    "doctor - names a proxy that takes the channel away (Splunk Cloud: %s)",
    async (cloud) => {
      const splunk = await Splunk.start({ ack: true, cloud });
      const code = cloud ? 28 : 10;
      const body = JSON.stringify({ text: "Data channel is missing", code });
      splunk.next({ kind: "normal" }, { kind: "answer", status: 400, body });
      const findings = await findingsOf(setUp({ url: splunk.url }));
      expect(onlyFault(findings, "token", "channel_missing").remedy).toContain("Channel header");
    },
  );

  test("doctor - names an acknowledgement service that does not work", async () => {
    const splunk = await Splunk.start({ ack: true });
    splunk.nodes[0]!.phase = "ack_unavailable";
    const findings = await findingsOf(setUp({ url: splunk.url }));
    onlyFault(findings, "ack", "ack_unavailable");
  });
});

describe("a receiver that is not Splunk", () => {
  const answerTo = (status: number, body: string) =>
    startWebServer(undefined, (request, response) => {
      if (!request.url!.includes("/ack")) return void response.end('{"text":"Success","code":0}');
      response.statusCode = status;
      response.end(body);
    });
  const odd = [
    [200, "unexpected_answer", '{"text":"Success","code":0}'],
    [501, "server_error", "no such thing"],
    [503, "server_error", "<html>"],
  ] as const;

  test.each(odd)(
    "doctor - needs no acknowledgements where it promises none: HTTP %i",
    async (status, _, body) => {
      const { port } = await answerTo(status, body);
      const findings = await findingsOf(setUp({ url: `http://127.0.0.1:${port}` }));
      expect(faultsIn(findings)).toEqual([]);
      expect(findings.find(({ check }) => check === "event")).toMatchObject({ verdict: "ok" });
    },
  );

  test.each(odd)(
    "doctor - names what is wrong where the output waits for acknowledgements: HTTP %i",
    async (status, cause, body) => {
      const { port } = await answerTo(status, body);
      const url = `http://127.0.0.1:${port}`;
      const findings = await findingsOf(setUp({ url, output: ["ack: on"] }));
      onlyFault(findings, "ack", cause);
    },
  );
});

describe("several endpoints", () => {
  test("doctor - looks at each, and finds the one that is broken", async () => {
    const good = await Splunk.start();
    const bad = await Splunk.start({ tokens: [unknown_token] });
    const file = setUp({ url: good.url });
    const endpoints = `endpoints: ["${good.url}", "${bad.url}"]`;
    writeFileSync(file, readFileSync(file, "utf8").replace(`url: ${good.url}`, endpoints));
    const findings = await findingsOf(file);
    expect(onlyFault(findings, "token", "invalid_token").subject).toBe(bad.url);
    expect(good.indexed).toHaveLength(1);
  });
});

describe("health", () => {
  test.each([
    ["queues_full", "queues_full"],
    ["stopping", "shutting_down"],
  ] as const)("doctor - names a collector that is %s", async (phase, cause) => {
    const splunk = await Splunk.start();
    splunk.nodes[0]!.phase = phase;
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(faultsIn(findings)).toContain(`health ${cause}`);
    expect(faultsIn(findings)).not.toContain("token invalid_token");
  });

  test.each([
    [503, 18, "queues_full"],
    [503, 20, "queues_full"],
    [400, 21, "invalid_token"],
    [400, 22, "token_disabled"],
    [503, 23, "shutting_down"],
  ] as const)(
    "doctor - names what health says with HTTP %d and code %d, and takes a good token for good",
    async (status, code, cause) => {
      const splunk = await Splunk.start();
      splunk.next({ kind: "answer", status, body: JSON.stringify({ text: "unhealthy", code }) });
      const findings = await findingsOf(setUp({ url: splunk.url }));
      expect(onlyFault(findings, "health", cause).message).toContain(`code ${code}`);
      expect(splunk.indexed).toHaveLength(1);
    },
  );

  test("doctor - does not mind an acknowledgement service that the token has no use for", async () => {
    const splunk = await Splunk.start();
    const body = '{"text":"HEC is unhealthy, ack service unavailable","code":19}';
    splunk.next({ kind: "answer", status: 503, body });
    expect(faultsIn(await findingsOf(setUp({ url: splunk.url })))).toEqual([]);
  });

  test("doctor - names a path where there is no collector", async () => {
    const splunk = await Splunk.start();
    const findings = await findingsOf(setUp({ url: `${splunk.url}/splunk` }));
    expect(faultsIn(findings)).toEqual(["health health_hidden", "token not_found"]);
    const { remedy } = findings.find(({ cause }) => cause === "not_found")!;
    expect(remedy).toContain("output.url");
  });

  test("doctor - only warns where a proxy hides the health but lets events through", async () => {
    const splunk = await Splunk.start();
    splunk.next({ kind: "answer", status: 403, body: "<html>no</html>" });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(onlyFault(findings, "health", "health_hidden").verdict).toBe("warning");
    expect(splunk.indexed).toHaveLength(1);
  });

  test("doctor - warns where Splunk takes events but its queues fill up", async () => {
    const splunk = await Splunk.start();
    splunk.nodes[0]!.phase = "near_capacity";
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(onlyFault(findings, "event", "filling_up").verdict).toBe("warning");
  });
});

describe("what is not Splunk", () => {
  test("doctor - names a redirect, and follows it nowhere", async () => {
    const elsewhere = await Splunk.start();
    const splunk = await Splunk.start();
    const headers = { location: `${elsewhere.url}/services/collector/event` };
    splunk.always({ kind: "answer", status: 303, headers });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(faultsIn(findings)).toEqual(["health health_hidden", "token redirect"]);
    expect(elsewhere.requests).toEqual([]);
  });

  test("doctor - names a login page that says 200 to everything", async () => {
    const splunk = await Splunk.start();
    const headers = { "content-type": "text/html" };
    splunk.always({ kind: "answer", status: 200, body: "<html>Sign in</html>", headers });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(faultsIn(findings)).toEqual(["health health_hidden", "token unexpected_answer"]);
  });

  test("doctor - names a balancer that reaches no Splunk", async () => {
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 502, body: "<html>Bad Gateway</html>" });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(faultsIn(findings)).toContain("health server_error");
  });

  test.each([
    [401, '{"text":"Invalid authorization","code":3}', "invalid_authorization"],
    [401, "<html>Who are you?</html>", "unauthorized"],
    [403, "<html>This address is not on the allow list</html>", "forbidden"],
    [400, "<html>Bad Request</html>", "bad_request"],
    [405, "", "refused"],
    [413, "<html>Too large</html>", "too_large"],
    [429, "", "too_many_requests"],
    [429, '{"text":"HEC queue is at capacity","code":26}', "queue_at_capacity"],
    [500, '{"text":"Internal server error","code":8}', "internal_server_error"],
    [503, '{"text":"Server is busy","code":9}', "server_busy"],
    [504, "<html>Gateway Timeout</html>", "server_error"],
  ])("doctor - names HTTP %d %s", async (status, body, cause) => {
    const splunk = await Splunk.start();
    splunk.next({ kind: "normal" }, { kind: "answer", status, body });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    onlyFault(findings, "token", cause as Cause);
  });

  test("doctor - names what Splunk says of an event that it does not take", async () => {
    const splunk = await Splunk.start();
    const body = '{"text":"Error in handling indexed fields","code":15}';
    const normal = { kind: "normal" } as const;
    splunk.next(normal, normal, normal, { kind: "answer", status: 400, body });
    const findings = await findingsOf(setUp({ url: splunk.url }));
    expect(onlyFault(findings, "event", "event_refused").message).toContain("indexed fields");
  });

  test("doctor - names what takes no compressed requests", async () => {
    const splunk = await Splunk.start();
    const refusal = { kind: "answer", status: 415, body: "<html>415</html>" } as const;
    splunk.next({ kind: "normal" }, { kind: "normal" }, { kind: "normal" }, refusal);
    const findings = await findingsOf(setUp({ url: splunk.url, output: ["compression: gzip"] }));
    const { remedy } = onlyFault(findings, "event", "compression_refused");
    expect(remedy).toContain("output.compression");
  });

  test("doctor - names what answers no request in time", async () => {
    const splunk = await Splunk.start();
    splunk.always({ kind: "hang" });
    const findings = await findingsOf(setUp({ url: splunk.url, output: ["timeout: 300ms"] }));
    expect(onlyFault(findings, "health", "timeout").remedy).toContain("output.timeout");
    const skipped = findings.filter(({ verdict }) => verdict === "skipped");
    expect(skipped.map(({ check }) => check)).toEqual(["tls", "token", "ack", "event", "clock"]);
  });
});

describe("the clock", () => {
  test.each([
    ["behind", 3_600_000],
    ["ahead of", -3_600_000],
  ])("doctor - warns of a server whose clock is %s this one's", async (words, ahead_ms) => {
    const splunk = await Splunk.start();
    const clock = { ...systemClock, now: () => systemClock.now() + ahead_ms };
    const findings = await findingsOf(setUp({ url: splunk.url }), { clock });
    const { message, verdict } = onlyFault(findings, "clock", "clock_skew");
    expect(verdict).toBe("warning");
    expect(message).toMatch(new RegExp(`(3600|3599|3601) s ${words}`));
  });
});

test("doctor - shows the token nowhere, though the server repeats it in what it says", async () => {
  const splunk = await Splunk.start();
  const body = JSON.stringify({ text: `Invalid token ${valid_token}`, code: 4 });
  splunk.always({ kind: "answer", status: 403, body });
  const findings = await findingsOf(setUp({ url: splunk.url }));
  expect(faultsIn(findings)).toContain("token invalid_token");
  expect(JSON.stringify(findings)).toContain("***");
  expect(JSON.stringify(findings)).not.toContain(valid_token);
});

describe("several outputs", () => {
  const both = (one: Splunk, other: Splunk): string => `outputs:
  main: { type: splunk_hec, url: "${one.url}", token: ${valid_token} }
  second: { type: splunk_hec, url: "${other.url}", token: ${valid_token} }
  archive: { type: file, path: /etc }
`;

  test("doctor - looks at each, names it and its options, and sends it only what may go there", async () => {
    const one = await Splunk.start();
    const other = await Splunk.start({ tokens: [unknown_token] });
    const paths = 'paths: ["/var/log/*.log"]';
    const route = "chain: [{ redact: { fields: [x] } }, { route: { to: second } }]";
    const inputs = [
      `plain: { ${paths}, metadata: { index: audit } }`,
      `routed: { ${paths}, metadata: { index: secret }, ${route} }`,
    ];
    const file = setUp({ url: one.url, inputs });
    const text = readFileSync(file, "utf8").replace(/^output:\n[^]*$/m, both(one, other));
    writeFileSync(file, text);
    const findings = await findingsOf(file);
    expect(faultsIn(findings)).toEqual(expect.arrayContaining(["archive archive_closed"]));
    const { subject, remedy } = findings.find(({ cause }) => cause === "invalid_token")!;
    expect(subject).toBe(`second, ${other.url}`);
    expect(remedy).toContain("`outputs.second.token`");
    expect(one.indexed.map(({ index }) => index)).toEqual(["audit", "secret"]);
    other.tokens.add(valid_token);
    await findingsOf(file);
    expect(other.indexed.map(({ index }) => index)).toEqual(["secret"]);
  });
});
