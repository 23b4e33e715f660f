/**
 * Every answer that Splunk, a proxy or the network may give, over a real socket to the real output: what becomes of the
 * events. The decisions themselves are in response.test.ts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { issue, type Issued } from "../../../support/certificates.ts";
import { readEnvelopes, type Reading } from "../../../support/envelopes.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/fast-clock.ts";
import { freePort } from "../../../support/free-port.ts";
import { never, OutputRig } from "../../../support/output-rig.ts";
import { Splunk, valid_token, type Behaviour } from "../../../support/splunk.ts";
import { hecReply, notFound, page, type HecReply } from "../../../support/splunk/replies.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Of the output's clock: a second and a half outside. */
const timeout = "30s";

interface Expected {
  /** What the log gives as the reason. */
  reason: string;
  /** A warning where it passes by itself, else an error. */
  level: "warn" | "error";
  /** How often the events were indexed in the end. */
  indexed: 1 | 2;
}

function said(reply: HecReply, taken = false): Behaviour {
  const { status, headers, body } = reply;
  return { kind: "answer", status, headers: { ...headers }, body, taken };
}

const passes = (reason: string): Expected => ({ reason, level: "warn", indexed: 1 });
const fix = (reason: string): Expected => ({ reason, level: "error", indexed: 1 });
/** Nobody could know that the events were taken. */
const twice = (reason: string): Expected => ({ reason, level: "warn", indexed: 2 });

type Row = [name: string, behaviour: Behaviour, expected: Expected];

const splunks_own: Row[] = [
  ["code 1", said(hecReply(1)), fix("token_disabled")],
  ["code 2", said(hecReply(2)), fix("token_required")],
  ["code 3", said(hecReply(3)), fix("invalid_authorization")],
  ["code 4", said(hecReply(4)), fix("invalid_token")],
  ["code 8", said(hecReply(8)), passes("internal_server_error")],
  ["code 8, having taken all", said(hecReply(8), true), twice("internal_server_error")],
  ["code 9", said(hecReply(9)), passes("server_busy")],
  ["code 9, having taken all", said(hecReply(9), true), twice("server_busy")],
  [
    "code 9 for the first event",
    { kind: "busy", code: 9, taken: 0, named: true },
    passes("server_busy"),
  ],
  [
    "code 9 from the fifth event on",
    { kind: "busy", code: 9, taken: 4, named: true },
    passes("server_busy"),
  ],
  ["code 10", said(hecReply(10)), fix("channel_missing")],
  ["code 11", said(hecReply(11)), fix("invalid_channel")],
  ["code 14", said(hecReply(14)), fix("ack_disabled")],
  ["code 16", said(hecReply(16)), fix("query_authorization")],
  ["code 17, which is of the health", said(hecReply(17)), passes("unexpected_answer")],
  ["code 18", said(hecReply(18)), passes("queues_full")],
  ["code 19", said(hecReply(19)), passes("ack_unavailable")],
  ["code 20", said(hecReply(20)), passes("queues_full")],
  ["code 21", said(hecReply(21)), fix("invalid_token")],
  ["code 22", said(hecReply(22)), fix("token_disabled")],
  ["code 23", said(hecReply(23)), passes("shutting_down")],
  ["code 26", said(hecReply(26)), passes("queue_at_capacity")],
  [
    "code 26 from the third event on",
    { kind: "busy", code: 26, taken: 2, named: true },
    passes("queue_at_capacity"),
  ],
  ["code 27", said(hecReply(27)), passes("ack_channel_at_capacity")],
  ["code 28", said(hecReply(28)), fix("channel_missing")],
  ["404 of a restart", said(notFound(404)), fix("not_found")],
  ["405", said(notFound(405)), fix("refused")],
];

const of_others: Row[] = [
  ...[301, 302, 303, 307, 308].map((status): Row => {
    return [`${status}`, said(page(status)), fix("redirect")];
  }),
  ["a page with 200", said(page(200)), passes("unexpected_answer")],
  ["a page with 200, having taken all", said(page(200), true), twice("unexpected_answer")],
  ["201", said({ ...hecReply(0), status: 201 }), passes("unexpected_answer")],
  ["204", said({ status: 204, headers: {}, body: "" }), passes("unexpected_answer")],
  ["400 that is not Splunk's", said(page(400)), fix("bad_request")],
  ["401", said(page(401)), fix("unauthorized")],
  ["403", said(page(403)), fix("forbidden")],
  ["404", said(page(404)), fix("not_found")],
  ["407", said(page(407)), fix("refused")],
  ["408", said(page(408)), passes("request_timeout")],
  ["415", said(page(415)), fix("refused")],
  ["429", said(page(429)), passes("too_many_requests")],
  ["429 with a time", said(page(429, { "retry-after": "2" })), passes("too_many_requests")],
  ["500", said(page(500)), passes("server_error")],
  ["502", said(page(502)), passes("server_error")],
  ["503", said(page(503)), passes("server_error")],
  ["504, having taken all", said(page(504), true), twice("server_error")],
  ["an empty answer", said({ status: 200, headers: {}, body: "" }), passes("unexpected_answer")],
  [
    "half of Splunk's JSON",
    { ...said(hecReply(0)), body: '{"text":"Succ' },
    passes("unexpected_answer"),
  ],
  ...["-1", "9007199254740992", "0.5", "{}", '"id"'].map((id): Row => {
    const body = `{"text":"Success","code":0,"ackId":${id}}`;
    return [
      `an ackId of ${id}, having taken all`,
      said({ ...hecReply(0), body }, true),
      twice("unexpected_answer"),
    ];
  }),
  [
    "an answer that goes on for ever, having taken all",
    said({ ...hecReply(0), body: hecReply(0).body.padEnd(70_000) }, true),
    twice("unexpected_answer"),
  ],
  ["another's JSON", { ...said(hecReply(0)), body: '{"ok":true}' }, passes("unexpected_answer")],
] as Row[];

const of_the_network: Row[] = [
  ["a reset before the body", { kind: "reset", when: "before_body" }, passes("connection_reset")],
  ["a reset during the body", { kind: "reset", when: "during_body" }, passes("connection_reset")],
  ["a reset after the body", { kind: "reset", when: "after_body" }, passes("connection_reset")],
  [
    "a reset after the body, having taken all",
    { kind: "reset", when: "after_body", taken: true },
    twice("connection_reset"),
  ],
  [
    "a reset during the answer",
    { kind: "reset", when: "during_answer" },
    twice("connection_reset"),
  ],
  ["an end without an answer", { kind: "close" }, passes("connection_reset")],
  ["silence after the body", { kind: "hang" }, passes("timeout")],
  ["silence after the body, having taken all", { kind: "hang", taken: true }, twice("timeout")],
  ["half an answer", { kind: "half_answer" }, twice("timeout")],
  ["an endless answer", { kind: "drip", status: 200, taken: true }, twice("timeout")],
  ["an answer that is too late", { kind: "normal", delay_ms: 600_000 }, twice("timeout")],
  [
    "an answer shorter than it says",
    { kind: "wrong_length", bytes: 10 },
    twice("connection_reset"),
  ],
  [
    "an answer longer than it says",
    { kind: "wrong_length", bytes: -10 },
    twice("unexpected_answer"),
  ],
  [
    "another protocol",
    { kind: "garbage", bytes: "SSH-2.0-OpenSSH_9.6\r\n" },
    passes("broken_answer"),
  ],
  [
    "binary garbage",
    { kind: "garbage", bytes: "\u0000\u0001\u0002\r\n\r\n", taken: true },
    twice("broken_answer"),
  ],
];

describe("answers", () => {
  test.each([...splunks_own, ...of_others, ...of_the_network])(
    "answers - after %s everything is delivered, and nothing is in quarantine",
    async (_, behaviour, { reason, level, indexed }) => {
      const rig = await OutputRig.start({ timeout });
      rig.splunk.next(behaviour);
      const records = rig.add(10);
      await rig.output.drain(never);
      const times = indexed === 1 ? records : [...records, ...records];
      expect(rig.splunk.events).toEqual(times);
      expect(rig.ledger.books()).toMatchObject({
        balanced: true,
        total: { received: 10, delivered: 10, quarantined: 0, dropped: 0, in_flight: 0 },
      });
      const said_first = rig.log.lines[0]!;
      expect([said_first.level, said_first.facts["reason"]]).toEqual([level, reason]);
      expect(rig.log.text).not.toContain(valid_token);
    },
  );

  test.each([0, 24, 25])(
    "answers - code %d is a delivery, without a word in the log",
    async (code) => {
      const rig = await OutputRig.start();
      rig.splunk.next({ kind: "normal", code });
      const records = rig.add(10);
      await rig.output.drain(never);
      expect(rig.splunk.events).toEqual(records);
      expect(rig.delivered).toBe(10);
      expect(rig.log.lines).toEqual([]);
    },
  );
});

/** Reads a body as Splunk does that refuses, with this code, every event with the poison in it. */
function refusing(code: number): (body: Buffer) => Reading {
  return (body) => {
    const reading = readEnvelopes(body);
    const number = reading.events.findIndex(({ event }) => event.includes("poison"));
    if (number === -1) return reading;
    return { events: reading.events.slice(0, number), code, invalid_event_number: number };
  };
}

describe("an event that is refused", () => {
  const reasons: [number, string][] = [
    [6, "splunk_invalid_data_format"],
    [12, "splunk_event_required"],
    [13, "splunk_event_blank"],
    [15, "splunk_indexed_fields"],
  ];
  test.each(reasons)(
    "answers - with code %d goes to quarantine, and no other",
    async (code, reason) => {
      const rig = await OutputRig.start({}, fastClock(20), { read: refusing(code) });
      const records = rig.add(4);
      rig.addRecords([JSON.stringify({ poison: 1 })]);
      records.push(...rig.add(5));
      await rig.output.drain(never);
      await rig.quarantine.drain(never);
      expect(rig.splunk.events).toEqual(records);
      expect(rig.quarantined).toMatchObject([{ reason, code, text: '{"poison":1}' }]);
      expect(rig.ledger.books()).toMatchObject({
        balanced: true,
        total: { received: 10, delivered: 9, quarantined: 1, in_flight: 0 },
      });
    },
  );

  test("answers - as no data, without a number, is found all the same", async () => {
    const rig = await OutputRig.start({}, fastClock(20), { read: refusing(5) });
    rig.splunk.always({ kind: "normal", number: "missing" });
    const records = rig.add(4);
    rig.addRecords([JSON.stringify({ poison: 1 })]);
    records.push(...rig.add(5));
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(new Set(rig.splunk.events)).toEqual(new Set(records));
    expect(rig.quarantined).toMatchObject([{ reason: "splunk_no_data", code: 5 }]);
    expect(rig.delivered).toBe(9);
  });

  test("answers - for a wrong index is kept, and delivered when that is fixed", async () => {
    const rig = await OutputRig.start({}, fastClock(20), { indexes: ["good"] });
    const records = rig.add(3, { metadata: { index: "bad" } });
    rig.output.idle();
    await eventually(() => rig.log.at("error").length > 0);
    expect(rig.log.at("error")[0]!.facts).toMatchObject({
      reason: "incorrect_index",
      splunk_code: 7,
    });
    expect(rig.inFlight).toBe(3);
    rig.splunk.tokens.add(valid_token);
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.quarantined).toEqual([]);
  });
});

describe("a body that is too large", () => {
  test.each([
    ["with 413", { body_bytes_max: 2000 }, { batch: { max_bytes: "8KiB" } }, 100],
    [
      "as Splunk Cloud does",
      { body_bytes_max: 1_500_000, cloud: true },
      { batch: { max_bytes: "4MiB" } },
      60_000,
    ],
  ])(
    "answers - %s is sent in halves, and nothing is in quarantine",
    async (_, facts, options, size) => {
      const rig = await OutputRig.start(options, fastClock(20), facts);
      const records = rig.add(40, { size });
      await rig.output.drain(never);
      expect(rig.splunk.events).toEqual(records);
      expect(rig.ledger.books().total).toMatchObject({ delivered: 40, quarantined: 0 });
      expect(rig.output.status().requests_failed).toBeGreaterThan(0);
    },
  );

  test("answers - and is one event alone, goes to quarantine, and no other", async () => {
    const rig = await OutputRig.start({}, fastClock(20), { body_bytes_max: 2000 });
    const records = rig.add(4, { size: 100 });
    rig.add(1, { size: 3000 });
    records.push(...rig.add(4, { size: 100 }));
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.quarantined).toMatchObject([{ reason: "splunk_too_large" }]);
  });
});

describe("no connection", () => {
  /** Adds events for a server that cannot be reached, and gives why the log says so. */
  async function reasonFor(url: string): Promise<unknown> {
    const splunk = await Splunk.start();
    const rig = new OutputRig(splunk, { url, timeout }, fastClock(20));
    rig.add(5);
    rig.output.idle();
    await eventually(() => rig.log.lines.length > 0);
    expect(rig.inFlight).toBe(5);
    expect(splunk.requests).toEqual([]);
    await rig.output.close();
    expect(rig.inFlight).toBe(5);
    return rig.log.lines[0]!.facts["reason"];
  }

  /** A server that accepts connections, and does with each what is given. */
  async function listening(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  test("answers - a refused connection keeps everything", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await reasonFor(url)).toBe("connection_refused");
  });

  test("answers - a name that there is not keeps everything", async () => {
    expect(await reasonFor("http://splunk.invalid:8088")).toBe("name_resolution");
  });

  test("answers - a server that accepts no connection keeps everything", async () => {
    // Stopped, it accepts none, and once its queue of connections is full the kernel makes no more.
    const program =
      'const s = require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, ' +
      "() => process.stdout.write(String(s.address().port)))";
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    const port = Number(chunk.toString());
    child.kill("SIGSTOP");
    const fillers = Array.from({ length: 8 }, () => connect(port, "127.0.0.1"));
    for (const filler of fillers) filler.on("error", () => undefined);
    onTestFinished(() => fillers.forEach((filler) => filler.destroy()));
    await eventually(() => fillers.filter(({ connecting }) => !connecting).length >= 2);
    expect(await reasonFor(`http://127.0.0.1:${port}`)).toBe("timeout");
  });

  test("answers - a server that says nothing to a handshake keeps everything", async () => {
    const sockets: { destroy: () => void }[] = [];
    const port = await listening(createServer((socket) => void sockets.push(socket)));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    expect(await reasonFor(`https://127.0.0.1:${port}`)).toBe("timeout");
  });

  test("answers - a server that breaks a handshake off keeps everything", async () => {
    const port = await listening(createServer((socket) => void socket.resetAndDestroy()));
    expect(await reasonFor(`https://127.0.0.1:${port}`)).toBe("connection_reset");
  });

  test("answers - a server that speaks no TLS keeps everything", async () => {
    const splunk = await Splunk.start();
    expect(await reasonFor(splunk.url.replace("http:", "https:"))).toBe("tls");
  });

  const authority = issue({ name: "authority", is_authority: true });
  const good = { name: "splunk", hosts: ["127.0.0.1"], issuer: authority };
  const middle = issue({ name: "middle", issuer: authority });
  const from_middle = issue({ ...good, issuer: middle });
  const bad_chains: [string, Issued, code: string][] = [
    [
      "signs its certificate itself",
      issue({ name: "splunk", hosts: ["127.0.0.1"] }),
      "SELF_SIGNED",
    ],
    [
      "has its certificate from an authority that nobody knows",
      issue({ ...good, issuer: issue({ name: "other", is_authority: true }) }),
      "UNABLE_TO_GET_ISSUER",
    ],
    [
      "has its certificate from who is no authority",
      { ...from_middle, certificate: from_middle.certificate + middle.certificate },
      "INVALID_PURPOSE",
    ],
    ["has an expired certificate", issue({ ...good, from_days: -9, until_days: -1 }), "EXPIRED"],
    ["has a certificate that is not valid yet", issue({ ...good, from_days: 1 }), "NOT_YET_VALID"],
    ["has another's certificate", issue({ ...good, hosts: ["splunk.test"] }), "ALTNAME_INVALID"],
  ];
  test.each(bad_chains)(
    "answers - a server that %s gets nothing, and everything is kept",
    async (_, { key, certificate }, code) => {
      const { rig, splunk } = await startTls({ key, cert: certificate });
      const records = rig.add(5);
      rig.output.idle();
      await eventually(() => rig.output.status().requests_failed >= 2);
      const { level, facts } = rig.log.lines[0]!;
      expect([level, facts["reason"]]).toEqual(["error", "tls"]);
      expect(facts["detail"]).toContain(code);
      expect(splunk.requests).toEqual([]);
      expect(rig.inFlight).toBe(records.length);
    },
  );

  test("answers - a server whose authority is known gets everything", async () => {
    const { key, certificate } = issue(good);
    const { rig, splunk } = await startTls({ key, cert: certificate });
    const records = rig.add(5);
    await rig.output.drain(never);
    expect(splunk.events).toEqual(records);
  });

  async function startTls(tls: { key: string; cert: string }) {
    const splunk = await Splunk.start({ tls });
    const ca_file = join(temporaryDirectory(), "authority.pem");
    writeFileSync(ca_file, authority.certificate);
    return { rig: new OutputRig(splunk, { timeout, tls: { ca_file } }, fastClock(20)), splunk };
  }
});
