/** What a receiver answers, compared with Splunk's own answers: status, code and text. */
import { describe, expect, test } from "vitest";
import { authorization, startReceiver, token } from "../../../support/hec/receiver.ts";

const event = '{"event":"a"}';
const success = { text: "Success", code: 0 };
const not_found = { text: "The requested URL was not found on this server.", code: 404 };
const channel = "fe0ecfad-13d5-401b-847d-77833bd77131";

describe("answers to events", () => {
  test.each([
    "/services/collector",
    "/services/collector/event",
    "/services/collector/event/1.0",
    "/services/collector/raw",
    "/services/collector/raw/1.0",
    "/",
  ])("hec - %s takes events", async (path) => {
    const receiver = await startReceiver();
    const answer = await receiver.post(event, path);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(success);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(receiver.intake.count).toBe(1);
  });

  test.each([
    ["GET", "/services/collector/event"],
    ["PUT", "/services/collector/raw"],
    ["GET", "/services/collector/ack"],
    ["POST", "/services/collector/health"],
    ["GET", "/"],
  ])("hec - %s %s is answered 405", async (method, path) => {
    const receiver = await startReceiver();
    const answer = await receiver.request(method, path, { authorization });
    expect(answer.status).toBe(405);
    expect(answer.json).toEqual(not_found);
  });

  test.each(["/services", "/services/collector/", "/services/collector/mint", "/favicon.ico"])(
    "hec - %s is answered 404",
    async (path) => {
      const receiver = await startReceiver();
      const answer = await receiver.post(event, path);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual(not_found);
    },
  );

  test("hec - OPTIONS is answered without a token, as Docker's log driver wants it", async () => {
    const receiver = await startReceiver();
    const events = await receiver.request("OPTIONS", "/services/collector/event/1.0");
    expect([events.status, events.text]).toEqual([200, ""]);
    expect(events.headers.get("allow")).toBe("POST,OPTIONS");
    const health = await receiver.request("OPTIONS", "/services/collector/health");
    expect(health.headers.get("allow")).toBe("GET,HEAD,OPTIONS");
  });

  test.each(["", " ", "\n\r\n", "\n\n  \n"])("hec - a body of %j is no data", async (body) => {
    const receiver = await startReceiver();
    for (const path of ["/services/collector/event", "/services/collector/raw"]) {
      const answer = await receiver.post(body, path);
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual({ text: "No data", code: 5 });
    }
    expect(receiver.intake.deliveries).toBe(0);
  });

  test.each(["br", "zstd", "compress", "gzip, gzip"])(
    "hec - Content-Encoding %s is answered 415",
    async (encoding) => {
      const receiver = await startReceiver();
      const answer = await receiver.post(event, undefined, { "content-encoding": encoding });
      expect(answer.status).toBe(415);
      expect(receiver.intake.deliveries).toBe(0);
    },
  );

  test.each(["full", "unavailable"] as const)(
    "hec - an intake that is %s is answered 503 with code 9, and when to come again",
    async (acceptance) => {
      const receiver = await startReceiver();
      receiver.intake.acceptance = acceptance;
      for (const body of [event, "not an object"]) {
        const answer = await receiver.post(body);
        expect(answer.status).toBe(503);
        expect(answer.json).toEqual({ text: "Server is busy", code: 9 });
        expect(answer.headers.get("retry-after")).toBe("1");
      }
      receiver.intake.acceptance = "accepted";
      expect((await receiver.post(event)).status).toBe(200);
      expect(receiver.intake.texts).toEqual(["a"]);
    },
  );

  test("hec - nothing is answered before the events are accepted", async () => {
    const receiver = await startReceiver();
    const sync = Promise.withResolvers<void>();
    receiver.intake.beforeAnswer = () => sync.promise;
    let answered = false;
    const answer = receiver.post(event).then((it) => {
      answered = true;
      return it;
    });
    const health = await receiver.request("GET", "/services/collector/health");
    expect([health.status, answered]).toEqual([200, false]);
    sync.resolve();
    expect((await answer).status).toBe(200);
  });
});

describe("health", () => {
  test("hec - health needs no token, and follows the intake", async () => {
    const receiver = await startReceiver();
    for (const path of ["/services/collector/health", "/services/collector/health/1.0"]) {
      receiver.intake.acceptance = "accepted";
      const healthy = await receiver.request("GET", path, { authorization: "Splunk wrong" });
      expect(healthy.status).toBe(200);
      expect(healthy.json).toEqual({ text: "HEC is healthy", code: 17 });
      receiver.intake.acceptance = "full";
      const full = await receiver.request("GET", path);
      expect(full.status).toBe(503);
      expect(full.json).toEqual({ text: "HEC is unhealthy, queues are full", code: 18 });
      const head = await receiver.request("HEAD", path);
      expect([head.status, head.text]).toEqual([503, ""]);
    }
  });
});

describe("authorization", () => {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  test.each([
    authorization,
    `splunk ${token}`,
    `Splunk  ${token}`,
    `"Splunk ${token}"`,
    `\\"Splunk ${token}\\"`,
    `Bearer ${token}`,
    `"Bearer ${token}"`,
    token,
    `"${token}"`,
    `Basic ${base64(`x:${token}`)}`,
    `Basic ${base64(`:${token}`)}`,
  ])("hec - %s is accepted", async (value) => {
    const receiver = await startReceiver({ tokens: ["another", token] });
    expect((await receiver.post(event, undefined, { authorization: value })).status).toBe(200);
    expect(receiver.input.notices.count("quoted")).toBe(value.includes('"') ? 1 : 0);
  });

  test.each([
    ["", 401, 2],
    ["Splunk", 401, 2],
    ["Splunk ", 401, 2],
    [`Bearer x`, 401, 3],
    [`Digest ${token}`, 401, 3],
    ["Basic !!!", 401, 3],
    [`Basic ${base64(token)}`, 401, 3],
    [`Basic ${base64(`${token}:x`)}`, 403, 4],
    ["Splunk wrong", 403, 4],
    [`Splunk ${token}x`, 403, 4],
    [`Splunk ${token.slice(1)}`, 403, 4],
    ["wrong", 403, 4],
  ])("hec - %j is answered %i with code %i", async (value, status, code) => {
    const receiver = await startReceiver();
    const answer = await receiver.post(event, undefined, { authorization: value });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ code });
    expect(receiver.intake.deliveries).toBe(0);
  });

  test("hec - without the header it is answered 401 with code 2", async () => {
    const receiver = await startReceiver();
    const answer = await receiver.request("POST", "/services/collector", {}, event);
    expect([answer.status, answer.json]).toEqual([401, { text: "Token is required", code: 2 }]);
  });

  test("hec - a token in the query is refused, also beside a valid header", async () => {
    const receiver = await startReceiver();
    const answer = await receiver.post(event, `/services/collector?token=${token}`);
    expect(answer.status).toBe(400);
    const text = "Query string authorization is not enabled";
    expect(answer.json).toEqual({ text, code: 16 });
  });

  test("hec - refusals are counted, logged once a minute, and never with a token", async () => {
    const receiver = await startReceiver();
    for (let time = 0; time < 20; time += 1) {
      await receiver.post(event, undefined, { authorization: "Splunk not-to-be-logged" });
    }
    await receiver.post(event, `/services/collector?token=${token}`);
    expect(receiver.input.notices.count("refused")).toBe(21);
    expect(receiver.log.at("warn")).toHaveLength(1);
    expect(receiver.log.text).not.toContain("not-to-be-logged");
    expect(receiver.log.text).not.toContain(token);
  });
});

describe("acknowledgement", () => {
  const ack = "/services/collector/ack";
  const in_channel = { "x-splunk-request-channel": channel };

  test("hec - ids of a channel count from 0, and are acknowledged as often as asked", async () => {
    const receiver = await startReceiver({ ack: true });
    const first = await receiver.post(event, undefined, in_channel);
    expect(first.json).toEqual({ ...success, ackId: 0 });
    const second = await receiver.post(event, `/services/collector/raw?channel=${channel}`);
    expect(second.json).toEqual({ ...success, ackId: 1 });
    for (let time = 0; time < 2; time += 1) {
      const answer = await receiver.post('{"acks":[0,1,2,-1]}', ack, in_channel);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ acks: { "0": true, "1": true, "2": false, "-1": false } });
    }
    const other = { "x-splunk-request-channel": channel.replace("f", "0") };
    const elsewhere = await receiver.post('{"acks":[0]}', ack, other);
    expect(elsewhere.json).toEqual({ acks: { "0": false } });
    const upper = await receiver.post('{"acks":[0]}', `${ack}?channel=${channel.toUpperCase()}`);
    expect(upper.json).toEqual({ acks: { "0": true } });
  });

  test("hec - no id is given for what was not accepted", async () => {
    const receiver = await startReceiver({ ack: true });
    receiver.intake.acceptance = "full";
    const busy = await receiver.post(event, undefined, in_channel);
    expect(busy.json).toEqual({ text: "Server is busy", code: 9 });
    receiver.intake.acceptance = "accepted";
    const next = await receiver.post(event, undefined, in_channel);
    expect(next.json).toEqual({ ...success, ackId: 0 });
  });

  test("hec - a request without a channel is taken, and gets no id", async () => {
    const receiver = await startReceiver({ ack: true });
    expect((await receiver.post(event)).json).toEqual(success);
  });

  test("hec - a client that asks wrongly is told how", async () => {
    const receiver = await startReceiver({ ack: true });
    const missing = await receiver.post('{"acks":[0]}', ack);
    expect(missing.json).toEqual({ text: "Data channel is missing", code: 10 });
    for (const path of [ack, "/services/collector"]) {
      const invalid = await receiver.post('{"acks":[0]}', `${path}?channel=mine`);
      expect([invalid.status, invalid.json]).toEqual([
        400,
        { text: "Invalid data channel", code: 11 },
      ]);
    }
    for (const body of ["", "{}", "[0]", '{"acks":0}', '{"acks":["0"]}', '{"acks":[0.5]}', "{"]) {
      const answer = await receiver.post(body, ack, in_channel);
      expect([answer.status, answer.json]).toEqual([400, { text: "Invalid data format", code: 6 }]);
    }
  });

  test("hec - without ack, channels are passed over and there is nothing to ask", async () => {
    const receiver = await startReceiver();
    const taken = await receiver.post(event, "/services/collector?channel=mine");
    expect(taken.json).toEqual(success);
    const asked = await receiver.post('{"acks":[0]}', ack, in_channel);
    expect([asked.status, asked.json]).toEqual([400, { text: "ACK is disabled", code: 14 }]);
  });
});
