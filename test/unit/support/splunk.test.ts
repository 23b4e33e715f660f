/** The model of Splunk that other tests rely on answers as real ones were measured to: the conformance cases of HEC. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readEnvelopes, type IndexedEvent } from "../../support/events/envelopes.ts";
import { Balancer, type Stickiness } from "../../support/splunk/balancer.ts";
import type { Behaviour } from "../../support/splunk/behaviour.ts";
import { SplunkNode, type NodeFacts, type Served } from "../../support/splunk/node.ts";

const event_path = "/services/collector/event";
const ack_path = "/services/collector/ack";
const channel = "11111111-2222-3333-4444-555555555555";
const normal: Behaviour = { kind: "normal" };

interface Call {
  path?: string;
  method?: string;
  token?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  behaviour?: Behaviour;
}

class Rig {
  readonly events: string[] = [];
  now_ms = 0;
  index_after_ms = 0;
  readonly nodes: SplunkNode<IndexedEvent>[];
  readonly balancer: Balancer<IndexedEvent>;

  constructor(facts: Partial<NodeFacts<IndexedEvent>> = {}, nodes = 1, stickiness?: Stickiness) {
    const make = (): SplunkNode<IndexedEvent> =>
      new SplunkNode<IndexedEvent>({
        now: () => this.now_ms,
        tokens: new Map([
          ["plain", { ack: false, indexes: new Set(["main"]) }],
          ["acked", { ack: true }],
          ["off", { ack: false, disabled: true }],
          ["query", { ack: false, in_query: true }],
        ]),
        read: readEnvelopes,
        readRaw: (body) =>
          body.toString().trim() === "" ? [] : [{ event: body, time: undefined }],
        onIndexed: ({ events }) =>
          void this.events.push(...events.map(({ event }) => event.toString())),
        indexAfterMs: () => this.index_after_ms,
        ...facts,
      });
    this.nodes = Array.from({ length: nodes }, make);
    this.balancer = new Balancer(this.nodes, stickiness ?? "none");
  }

  serve(call: Call): Served<IndexedEvent> {
    const { path = event_path, method = "POST", token = "plain", headers = {}, body = "" } = call;
    return this.balancer.serve(
      {
        method,
        path,
        headers: { authorization: `Splunk ${token}`, ...headers },
        body: Buffer.from(body),
      },
      call.behaviour ?? normal,
    );
  }

  /** The status, the reply's members but its text, and the cookie. */
  answer(call: Call): { status: number; cookie?: string | undefined } & Record<string, unknown> {
    const { wire } = this.serve(call);
    if (wire.kind !== "reply") throw new Error(`no reply but ${wire.kind}`);
    const { status, headers, body } = wire.reply;
    const parsed = body.startsWith("{") ? (JSON.parse(body) as Record<string, unknown>) : { body };
    const { text: _, ...members } = parsed;
    const cookie = headers["set-cookie"]?.split(";")[0];
    return { status, ...members, ...(cookie === undefined ? {} : { cookie }) };
  }

  poll(ids: number[], headers: Record<string, string> = {}): unknown {
    const body = JSON.stringify({ acks: ids });
    const call = { path: ack_path, token: "acked", body };
    return this.answer({ ...call, headers: { "x-splunk-request-channel": channel, ...headers } })[
      "acks"
    ];
  }
}

const in_channel = { "x-splunk-request-channel": channel };
const a = '{"event":"a"}';
const b = '{"event":"b"}';

describe("requests", () => {
  test.each([`${a}${b}`, `${a}\n${b}\n`])(
    "splunk model - objects may stand in any way: %j",
    (body) => {
      const rig = new Rig();
      expect(rig.answer({ body })).toEqual({ status: 200, code: 0 });
      const headers = { "content-encoding": "gzip" };
      expect(rig.answer({ body: gzipSync(body), headers })).toEqual({ status: 200, code: 0 });
      expect(rig.events).toEqual(['"a"', '"b"', '"a"', '"b"']);
    },
  );

  test.each([
    [{ authorization: "" }, 401, 2],
    [{ authorization: "Splunk" }, 401, 2],
    [{ authorization: "Bearer x" }, 401, 3],
    [{ authorization: "Splunk wrong" }, 403, 4],
    [{ authorization: "Splunk off" }, 403, 1],
    [{ authorization: `Basic ${Buffer.from("x:plain").toString("base64")}` }, 200, 0],
  ])("splunk model - credentials %j are answered %d, code %d", (headers, status, code) => {
    expect(new Rig().answer({ headers, body: a })).toEqual({ status, code });
  });

  test("splunk model - a token in the query wins over the header, also where that is not allowed", () => {
    const rig = new Rig();
    expect(rig.answer({ path: `${event_path}?token=plain`, body: a })).toMatchObject({ code: 16 });
    expect(rig.answer({ path: `${event_path}?token=query`, body: a })).toMatchObject({ code: 0 });
  });

  test("splunk model - paths and methods", () => {
    const rig = new Rig();
    const options = rig.serve({ method: "OPTIONS", headers: { authorization: "" } }).wire;
    expect(options).toMatchObject({ reply: { status: 200, body: "" } });
    expect(rig.answer({ path: "/services/collector/s2s" })).toEqual({ status: 404, code: 404 });
    expect(rig.answer({ method: "GET" })).toEqual({ status: 405, code: 404 });
    expect(rig.answer({ path: `${event_path}/1.0`, body: a })).toEqual({ status: 200, code: 0 });
    const raw = { path: "/services/collector/raw", body: " \n" };
    expect(rig.answer(raw)).toEqual({ status: 400, code: 5 });
    expect(rig.answer({ ...raw, body: "x" })).toEqual({ status: 200, code: 0 });
  });

  test.each([
    ["", { code: 5 }, 0],
    [`${a}{bad`, { code: 6, "invalid-event-number": 1 }, 1],
    [`${a}{"event":""}${b}`, { code: 13, "invalid-event-number": 1 }, 1],
    [`${a}{"time":1}`, { code: 12, "invalid-event-number": 1 }, 1],
    [`${a}{"event":"b","fields":{"x":{"y":1}}}`, { code: 15, "invalid-event-number": 1 }, 1],
    [`${a}{"event":"b","index":"other"}${b}`, { code: 7, "invalid-event-number": 2 }, 1],
  ])("splunk model - %j is taken up to what is wrong", (body, reply, taken) => {
    const rig = new Rig();
    const { tells } = rig.serve({ body });
    expect(rig.answer({ body })).toEqual({ status: 400, ...reply });
    expect(rig.events).toHaveLength(2 * taken);
    expect(tells.flatMap(({ events }) => events)).toHaveLength(taken);
  });

  test("splunk model - after an unknown key everything is passed over in silence", () => {
    const rig = new Rig();
    const body = `${a}{"event":"b","extra":1}${b}`;
    expect(rig.answer({ body })).toEqual({ status: 200, code: 0 });
    expect(rig.events).toEqual(['"a"']);
  });

  test("splunk model - what is too large is a page on Splunk Enterprise, and a bad event on Splunk Cloud", () => {
    const body = a.repeat(100);
    expect(new Rig({ body_bytes_max: 1000 }).answer({ body })).toMatchObject({ status: 413 });
    const cloud = new Rig({ cloud: true });
    const large = `{"event":"${"x".repeat(5_242_880)}"}`;
    expect(cloud.answer({ body: large })).toEqual({
      status: 400,
      code: 6,
      "invalid-event-number": 0,
    });
    expect(cloud.answer({ body, headers: { "content-encoding": "deflate" } })).toMatchObject({
      status: 415,
    });
    expect(cloud.answer({ body, headers: { "content-encoding": "gzip" } })).toEqual({
      status: 400,
      code: 6,
    });
  });

  test("splunk model - busy in the middle of a request", () => {
    const rig = new Rig();
    const busy = { kind: "busy", code: 9, taken: 1, named: true } as const;
    expect(rig.answer({ body: a + b, behaviour: busy })).toEqual({
      status: 503,
      code: 9,
      "invalid-event-number": 1,
    });
    const silent = { ...busy, named: false };
    expect(rig.answer({ body: a + b, behaviour: silent })).toEqual({ status: 503, code: 9 });
    expect(rig.serve({ body: a + b, behaviour: silent }).tells).toEqual([]);
    expect(rig.events).toEqual(['"a"', '"a"', '"a"']);
  });

  test.each([
    ["up", 200, 0, 200, 17],
    ["near_capacity", 200, 24, 200, 17],
    ["near_ack_capacity", 200, 25, 200, 17],
    ["queues_full", 503, 9, 503, 18],
    ["at_capacity", 429, 26, 503, 18],
    ["stopping", 503, 23, 503, 23],
    ["restarting", 404, 404, 404, 404],
  ] as const)("splunk model - in phase %s", (phase, status, code, health_status, health_code) => {
    const rig = new Rig();
    rig.nodes[0]!.phase = phase;
    expect(rig.answer({ body: a })).toEqual({ status, code });
    const health = { path: "/services/collector/health", method: "GET" };
    expect(rig.answer(health)).toEqual({ status: health_status, code: health_code });
  });
});

describe("acknowledgement", () => {
  const post = { token: "acked", headers: in_channel, body: a };

  test("splunk model - a yes is given once it is indexed, once, and in its channel only", () => {
    const rig = new Rig();
    rig.index_after_ms = 1000;
    expect(rig.answer(post)).toEqual({ status: 200, code: 0, ackId: 0 });
    expect(rig.answer(post)).toEqual({ status: 200, code: 0, ackId: 1 });
    expect(rig.poll([0, 7])).toEqual({ 0: false, 7: false });
    rig.now_ms = 1000;
    const other = { "x-splunk-request-channel": channel.replace("1", "9") };
    expect(rig.poll([0], other)).toEqual({ 0: false });
    expect(rig.poll([0])).toEqual({ 0: true });
    expect(rig.poll([0, 1])).toEqual({ 0: false, 1: true });
  });

  test("splunk model - a channel is missing, or none, or not needed", () => {
    const rig = new Rig();
    expect(rig.answer({ token: "acked", body: a })).toEqual({ status: 400, code: 10 });
    const headers = { "x-splunk-request-channel": "x" };
    expect(rig.answer({ token: "acked", body: a, headers })).toEqual({ status: 400, code: 11 });
    const cloud = new Rig({ cloud: true });
    expect(cloud.answer({ token: "acked", body: a })).toEqual({ status: 400, code: 28 });
    expect(rig.answer({ path: ack_path, body: '{"acks":[0]}' })).toEqual({ status: 400, code: 14 });
    expect(rig.answer({ ...post, path: ack_path, body: "{" })).toEqual({ status: 400, code: 6 });
  });

  test("splunk model - an error promises an acknowledgement for what stands before it", () => {
    const rig = new Rig();
    expect(rig.answer({ ...post, body: `${a}{bad` })).toEqual({
      status: 400,
      code: 6,
      "invalid-event-number": 1,
      ackId: 0,
    });
    expect(rig.answer({ ...post, body: "{bad" })).not.toHaveProperty("ackId");
  });

  test("splunk model - a channel is forgotten when it was idle, and when the node begins again", () => {
    const rig = new Rig();
    rig.answer(post);
    rig.now_ms = 600_001;
    expect(rig.poll([0])).toEqual({ 0: false });
    expect(rig.answer(post)).toMatchObject({ ackId: 0 });
    rig.nodes[0]!.restart("orderly");
    expect(rig.poll([0])).toEqual({ 0: false });
    expect(rig.answer(post)).toMatchObject({ ackId: 0 });
  });

  test("splunk model - a crash loses what is in the queue, an orderly restart does not", () => {
    for (const [how, events] of [
      ["crash", []],
      ["orderly", ['"a"']],
    ] as const) {
      const rig = new Rig();
      rig.index_after_ms = 1000;
      rig.answer(post);
      rig.nodes[0]!.restart(how);
      rig.now_ms = 5000;
      rig.nodes[0]!.advance();
      expect(rig.events).toEqual(events);
    }
  });

  test("splunk model - a full channel takes no more before it is polled", () => {
    const rig = new Rig({ acknowledgements: { idle_ms_max: 600_000, pending_max: 1 } });
    rig.answer(post);
    expect(rig.answer(post)).toEqual({ status: 429, code: 27 });
    rig.poll([0]);
    expect(rig.answer(post)).toMatchObject({ code: 0 });
  });

  test("splunk model - each node counts for itself, and a cookie leads back to it", () => {
    const rig = new Rig({}, 2, "cookie");
    const { cookie: first } = rig.answer(post);
    const { cookie: second } = rig.answer(post);
    expect(rig.answer({ ...post, headers: { ...in_channel, cookie: first! } })).toEqual({
      status: 200,
      code: 0,
      ackId: 1,
    });
    expect(rig.poll([0], { cookie: second! })).toEqual({ 0: true });
    expect(rig.poll([1], { cookie: second! })).toEqual({ 1: false });
    expect(rig.poll([0, 1], { cookie: first! })).toEqual({ 0: true, 1: true });
    rig.balancer.forget();
    expect(rig.answer({ ...post, headers: { ...in_channel, cookie: first! } })).toHaveProperty(
      "cookie",
    );
  });
});
