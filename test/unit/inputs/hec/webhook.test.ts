/** Audit webhooks as MinIO and WEKA send them, each generation in its own way. */
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { wekaEvent } from "../../../../src/cli/demo/weka-events.ts";
import { sampled } from "../../../support/effort.ts";
import { authorization, startReceiver, type TestReceiver } from "../../../support/hec/receiver.ts";

const raw = "/services/collector/raw";
const minio_event =
  '{"version":"1","deploymentid":"079f7a1f","time":"2025-03-21T06:37:27.915055685Z","event":"",' +
  '"trigger":"incoming","api":{"name":"PutObject","bucket":"b","object":"a\\u0000\\"\\n\\u2028😀",' +
  '"statusCode":200,"rx":12345678901234567890},"requestID":"1773CE9A70A978BB"}';

/** A POST as Go's client sends it: nothing but the given headers. */
function post(
  receiver: TestReceiver,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port: receiver.port, host: "127.0.0.1", path, method: "POST", headers },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

describe("one event a request", () => {
  test.each(["/", "/services/collector", "/services/collector/event", raw])(
    "hec - an event to %s is kept byte for byte",
    async (path) => {
      const receiver = await startReceiver();
      for (const event of [wekaEvent(7), minio_event]) {
        const headers = { authorization, "content-type": "application/json" };
        expect(await post(receiver, path, headers, event)).toBe(200);
      }
      expect(receiver.intake.texts).toEqual([wekaEvent(7), minio_event]);
      expect(receiver.intake.quarantined).toEqual([]);
      const metadata = { host: "here", source: "http:weka" };
      expect(receiver.intake.events.map((event) => event.metadata)).toEqual([metadata, metadata]);
      expect(receiver.intake.events[0]!.time).toBe(undefined);
    },
  );

  test("hec - the token that WEKA's documentation puts into quotes is taken, and said once", async () => {
    const receiver = await startReceiver();
    for (const quote of ['"', '\\"']) {
      const headers = { authorization: `${quote}${authorization}${quote}` };
      expect(await post(receiver, raw, headers, wekaEvent(1))).toBe(200);
    }
    expect(receiver.intake.count).toBe(2);
    expect(receiver.input.notices.count("quoted")).toBe(2);
    expect(receiver.log.at("warn")).toHaveLength(1);
  });

  test("hec - a validating {} is answered 200, and is no event", async () => {
    const receiver = await startReceiver();
    for (const path of ["/", raw, "/services/collector/event"]) {
      const headers = { authorization, "content-type": "application/json" };
      expect(await post(receiver, path, headers, "{}")).toBe(200);
      expect(await post(receiver, path, { authorization: "Splunk no" }, "{}")).toBe(403);
    }
    expect(receiver.intake.deliveries).toBe(0);
    expect(receiver.input.notices.count("probe")).toBe(3);
  });

  test("hec - a {} is answered 200 also while nothing can be kept, since MinIO asks only once", async () => {
    const receiver = await startReceiver();
    receiver.intake.acceptance = "full";
    expect(await post(receiver, "/", { authorization }, "{}")).toBe(200);
  });

  test("hec - the same event twice is two events", async () => {
    const receiver = await startReceiver();
    await post(receiver, raw, { authorization }, minio_event);
    await post(receiver, raw, { authorization }, minio_event);
    expect(receiver.intake.texts).toEqual([minio_event, minio_event]);
  });
});

describe("batches", () => {
  const events = [1, 2, 3].map((number) => wekaEvent(number));

  test.each([
    ["lines", events.map((event) => `${event}\n`).join("")],
    ["objects one after another", events.join("")],
    ["an array", `[${events.join(",")}]`],
  ])("hec - a batch as %s, without a Content-Type, is taken apart", async (_, body) => {
    const receiver = await startReceiver();
    const headers = { authorization, "x-minio-webhook-payload-count": "3" };
    for (const path of ["/", raw]) expect(await post(receiver, path, headers, body)).toBe(200);
    expect(receiver.intake.texts).toEqual([...events, ...events]);
    expect(receiver.intake.deliveries).toBe(2);
    expect(receiver.input.notices.count("payload_count")).toBe(0);
  });

  test("hec - events are kept also where their number is not what the sender says, which is logged", async () => {
    const receiver = await startReceiver();
    const headers = { authorization, "x-minio-webhook-payload-count": "4" };
    expect(await post(receiver, "/", headers, events.join("\n"))).toBe(200);
    expect(receiver.intake.count).toBe(3);
    expect(receiver.input.notices.count("payload_count")).toBe(1);
    expect(receiver.log.at("warn")[0]!.facts).toMatchObject({ announced: 4, found: 3 });
  });

  test("hec - of a batch with a broken event the others are delivered, and it is quarantined", async () => {
    const receiver = await startReceiver();
    const broken = events[1]!.slice(0, -20);
    const body = `${events[0]}\n${broken}\n${events[2]}\n`;
    const headers = { authorization, "x-minio-webhook-payload-count": "3" };
    expect(await post(receiver, "/", headers, body)).toBe(200);
    expect(receiver.intake.texts).toEqual([events[0], events[2]]);
    expect(receiver.intake.quarantined).toMatchObject([{ text: broken, reason: "not_json" }]);
    expect(receiver.intake.deliveries).toBe(1);
    expect(receiver.input.notices.count("payload_count")).toBe(0);
    expect(receiver.log.text).not.toContain("PutObject");
  });

  test.each(["hello", '{"event":', "null", "\u0000\u0001", '{"host":"h"}'])(
    "hec - the content %j is quarantined, and answered 200",
    async (body) => {
      const receiver = await startReceiver();
      expect(await post(receiver, "/", { authorization }, body)).toBe(200);
      expect(receiver.intake.texts).toEqual([]);
      expect(receiver.intake.quarantined).toMatchObject([{ text: body }]);
      expect(receiver.input.notices.count("bad_content")).toBe(1);
    },
  );

  test("hec - with bad_content: refuse, nothing of such a request is kept, and its fault is named", async () => {
    const receiver = await startReceiver({ bad_content: "refuse" });
    const answer = await receiver.post('{"event":"a"}{"event":""}{"event":"c"}');
    expect(answer.status).toBe(400);
    // Without `invalid-event-number`: a client would take it that what stands before is kept.
    expect(answer.json).toEqual({ text: "Event field cannot be blank", code: 13 });
    expect(receiver.intake.deliveries).toBe(0);
    expect((await receiver.post("hello")).json).toEqual({ text: "Invalid data format", code: 6 });
    expect((await receiver.post("hello", raw)).status).toBe(200);
    expect(receiver.intake.texts).toEqual(["hello"]);
  });
});

describe("trouble", () => {
  test("hec - a client of MinIO's kind, which repeats until it gets 200, loses and doubles nothing", async () => {
    const receiver = await startReceiver();
    const states = ["full", "accepted", "unavailable", "unavailable", "accepted"] as const;
    let request_number = 0;
    receiver.intake.acceptance = "full";
    for (let batch = 0; batch < 20; batch += 1) {
      const body = `${wekaEvent(2 * batch)}\n${wekaEvent(2 * batch + 1)}\n`;
      for (;;) {
        receiver.intake.acceptance = states[request_number % states.length]!;
        request_number += 1;
        const headers = { authorization, "x-minio-webhook-payload-count": "2" };
        if ((await post(receiver, raw, headers, body)) === 200) break;
      }
    }
    const wanted = Array.from({ length: 40 }, (_, number) => wekaEvent(number));
    expect(receiver.intake.texts).toEqual(wanted);
    expect(receiver.input.notices.count("not_kept")).toBeGreaterThan(20);
    expect(receiver.log.at("warn")).toHaveLength(1);
  });

  test("hec - of a request that is cut off nothing is kept, and the next is fine", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    const head = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
    client.write(`${head}Content-Length: 100\r\n\r\n{"a":1}\n{"b":`);
    const next = await receiver.connect();
    client.socket.destroy();
    await client.closed;
    next.write(`${head}Content-Length: 7\r\n\r\n{"c":1}`);
    await next.until(/Success/);
    expect(receiver.intake.texts).toEqual(['{"c":1}']);
  });

  const name = (each: number): string =>
    `hec - ${each} events over each of 16 connections arrive once, in order by connection`;
  sampled(name, { sample: 60, all: 1500 }, async (each) => {
    const receiver = await startReceiver();
    receiver.intake.beforeAnswer = () => new Promise((resolve) => setTimeout(resolve, 1));
    const connections = 16;
    await Promise.all(
      Array.from({ length: connections }, async (_, connection) => {
        const client = await receiver.connect();
        for (let number = 0; number < each; number += 1) {
          const body = `{"connection":${connection},"number":${number}}`;
          client.write(
            `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n` +
              `Content-Length: ${body.length}\r\n\r\n${body}`,
          );
          client.received = "";
          await client.until(/Success","code":0\}/);
          expect(client.received.startsWith("HTTP/1.1 200 OK\r\n")).toBe(true);
        }
      }),
    );
    const numbers = Array.from({ length: connections }, () => [] as number[]);
    for (const text of receiver.intake.texts) {
      const { connection, number } = JSON.parse(text) as { connection: number; number: number };
      numbers[connection]!.push(number);
    }
    for (const of_one of numbers)
      expect(of_one).toEqual(Array.from({ length: each }, (_, at) => at));
  });
});
