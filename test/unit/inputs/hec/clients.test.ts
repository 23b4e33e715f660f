/**
 * The requests of well-known HEC clients, in the shapes that their sources have: path, headers, packing, envelopes,
 * and what they ask before they send.
 */
import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Pool } from "undici";
import { HecClient } from "../../../../src/output/splunk-hec/endpoints/hec-client.ts";
import { networkOptions } from "../../../../src/output/network/network-options.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { Secret } from "../../../../src/platform/secret.ts";
import { authorization, startReceiver, token } from "../../../support/hec/receiver.ts";

interface Shape {
  client: string;
  path: string;
  headers: Record<string, string>;
  envelopes: string[];
  separator: string;
  is_packed?: boolean;
  /** What is kept: text, time and changed metadata. */
  events: { text: string; time: string | undefined; metadata: object }[];
}

const channel = "fe0ecfad-13d5-401b-847d-77833bd77131";
const base = { host: "here", source: "http:weka" };

const shapes: Shape[] = [
  {
    client: "splunk-logging for JavaScript",
    path: "/services/collector/event/1.0",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    envelopes: [
      '{"time":"1466031190.119","event":{"message":{"a":1},"severity":"info"},"source":"s"}',
      '{"time":"1466031190.120","event":{"message":"b","severity":"error"}}',
    ],
    separator: "",
    events: [
      {
        text: '{"message":{"a":1},"severity":"info"}',
        time: "1466031190.119",
        metadata: { ...base, source: "s" },
      },
      { text: '{"message":"b","severity":"error"}', time: "1466031190.120", metadata: base },
    ],
  },
  {
    client: "Splunk's logging library for Java",
    path: "/services/collector/event/1.0",
    headers: {
      "content-type": "application/json; profile=urn:splunk:event:1.0; charset=utf-8",
      "x-splunk-request-channel": channel,
    },
    envelopes: [
      '{"time":"1600000000.123","host":"","source":"","index":"main","event":{"severity":"INFO","message":"m"}}',
    ],
    separator: "",
    events: [
      {
        text: '{"severity":"INFO","message":"m"}',
        time: "1600000000.123",
        metadata: { ...base, index: "main" },
      },
    ],
  },
  {
    client: "Splunk's logging library for .NET",
    path: "/services/collector/event",
    headers: { "content-type": "application/json; charset=utf-8" },
    envelopes: [
      '{"time":"1433188255.253","event":{"id":"1","severity":"Information","data":"é"}}',
      '{"time":"1433188255.254","event":"text"}',
    ],
    separator: "",
    events: [
      {
        text: '{"id":"1","severity":"Information","data":"é"}',
        time: "1433188255.253",
        metadata: base,
      },
      { text: "text", time: "1433188255.254", metadata: base },
    ],
  },
  {
    client: "a Python class that posts lines",
    path: "/services/collector/event",
    headers: { "x-splunk-request-channel": channel, "accept-encoding": "gzip, deflate" },
    envelopes: [
      '{"host": "h", "time": "1426279439.123456", "event": {"a": "b"}}',
      '{"host": "h", "event": "plain"}',
    ],
    separator: "\n",
    events: [
      { text: '{"a": "b"}', time: "1426279439.123456", metadata: { ...base, host: "h" } },
      { text: "plain", time: undefined, metadata: { ...base, host: "h" } },
    ],
  },
  {
    client: "Fluent Bit",
    path: "/services/collector/event",
    headers: { "user-agent": "Fluent-Bit", "content-type": "application/json" },
    envelopes: [
      '{"time":1600000000.123456789,"sourcetype":"st","event":{"log":"a\\nb"}}',
      '{"time":1600000000.5,"event":"c"}',
    ],
    separator: "",
    is_packed: true,
    events: [
      {
        text: '{"log":"a\\nb"}',
        time: "1600000000.123456789",
        metadata: { ...base, sourcetype: "st" },
      },
      { text: "c", time: "1600000000.5", metadata: base },
    ],
  },
  {
    client: "Vector",
    path: "/services/collector/event",
    headers: { "x-splunk-request-channel": channel, "user-agent": "Vector/0.50" },
    envelopes: [
      '{"event":{"message":"m"},"fields":{"level":"info","n":3},"time":1600000000.123,"host":"h"}',
      '{"event":"m","fields":{},"time":1600000001.0,"host":"h","index":"i"}',
    ],
    separator: "",
    is_packed: true,
    events: [
      {
        text: '{"message":"m"}',
        time: "1600000000.123",
        metadata: { ...base, host: "h", fields: { level: "info", n: 3 } },
      },
      { text: "m", time: "1600000001.0", metadata: { ...base, host: "h", index: "i" } },
    ],
  },
  {
    client: "the OpenTelemetry Collector",
    path: "/services/collector",
    headers: {
      "user-agent": "OpenTelemetry-Collector Contrib/v0.130.0",
      "content-type": "application/json",
      __splunk_app_name: "OpenTelemetry Collector Contrib",
    },
    envelopes: [
      '{"time":1600000000.12,"host":"unknown","source":"s","sourcetype":"t","index":"i","event":"body","fields":{"a":["x","y"],"otel.log.severity.number":9}}',
    ],
    separator: "\n",
    is_packed: true,
    events: [
      {
        text: "body",
        time: "1600000000.12",
        metadata: {
          host: "unknown",
          source: "s",
          sourcetype: "t",
          index: "i",
          fields: { a: ["x", "y"], "otel.log.severity.number": 9 },
        },
      },
    ],
  },
  {
    client: "Docker's log driver",
    path: "/services/collector/event/1.0",
    headers: { "user-agent": "Go-http-client/1.1" },
    envelopes: [
      '{"event":{"line":"l","source":"stdout","tag":"t"},"time":"1433188255.253123","host":"h","source":"","sourcetype":"","index":""}',
      '{"event":{"line":{"a":1},"source":"stderr","tag":"t"},"time":"1433188255.253124","host":"h"}',
    ],
    separator: "",
    events: [
      {
        text: '{"line":"l","source":"stdout","tag":"t"}',
        time: "1433188255.253123",
        metadata: { ...base, host: "h" },
      },
      {
        text: '{"line":{"a":1},"source":"stderr","tag":"t"}',
        time: "1433188255.253124",
        metadata: { ...base, host: "h" },
      },
    ],
  },
  {
    client: "Kafka Connect in raw mode",
    path: "/services/collector/raw?index=i&sourcetype=t&source=topic&channel=x",
    headers: { "content-type": "application/json; profile=urn:splunk:event:1.0; charset=utf-8" },
    envelopes: ['{"a":1}', "plain line"],
    separator: "\n",
    events: ['{"a":1}', "plain line"].map((text) => ({
      text,
      time: undefined,
      metadata: { host: "here", source: "topic", sourcetype: "t", index: "i" },
    })),
  },
];

describe("clients", () => {
  test.each(shapes)("hec - a batch of $client is kept", async (shape) => {
    const receiver = await startReceiver();
    const pool = new Pool(receiver.url, { connections: 1, pipelining: 1 });
    const text = shape.envelopes.join(shape.separator);
    const packing = shape.is_packed === true ? { "content-encoding": "gzip" } : {};
    for (let time = 0; time < 2; time += 1) {
      const answer = await pool.request({
        method: "POST",
        path: shape.path,
        headers: { authorization, ...packing, ...shape.headers },
        body: shape.is_packed === true ? gzipSync(text) : text,
      });
      expect(answer.statusCode).toBe(200);
      expect(await answer.body.json()).toEqual({ text: "Success", code: 0 });
    }
    await pool.close();
    const kept = receiver.intake.events.map(({ text: own, time, metadata }) => ({
      text: own,
      time,
      metadata,
    }));
    expect(kept).toEqual([...shape.events, ...shape.events]);
    expect(receiver.intake.quarantined).toEqual([]);
    expect(receiver.intake.deliveries).toBe(2);
  });

  test("hec - what tallyman itself sends is kept, packed or not", async () => {
    const receiver = await startReceiver({ ack: true });
    for (const gzip of [false, true]) {
      const client = new HecClient({
        url: receiver.url,
        token: new Secret(token),
        connections: 1,
        timeout_ms: 120_000,
        network: networkOptions.parse({}),
        log: silentLogger,
        clock: systemClock,
      });
      const body = Buffer.from('{"host":"h","time":1.5,"event":{"a":1}}\n');
      const packed = gzip ? gzipSync(body) : body;
      const path = "/services/collector/event";
      const headers = {
        "content-type": "application/json",
        "x-splunk-request-channel": randomUUID(),
        ...(gzip ? { "content-encoding": "gzip" } : {}),
      };
      const outcome = await client.request({ method: "POST", path, headers, body: packed });
      expect(outcome).toMatchObject({ answer: { status: 200 } });
      await client.close();
    }
    expect(receiver.intake.texts).toEqual(['{"a":1}', '{"a":1}']);
  });

  test.each(["gzip", "x-gzip", "GZIP", "deflate"])(
    "hec - a body in %s is unpacked",
    async (encoding) => {
      const { deflateSync } = await import("node:zlib");
      const receiver = await startReceiver();
      const pack = encoding === "deflate" ? deflateSync : gzipSync;
      const answer = await receiver.post(pack('{"event":"a"}'), undefined, {
        "content-encoding": encoding,
      });
      expect([answer.status, receiver.intake.texts]).toEqual([200, ["a"]]);
    },
  );

  test("hec - a body that cannot be unpacked is quarantined as it came", async () => {
    const receiver = await startReceiver();
    const packed = gzipSync('{"event":"a"}');
    for (const body of [packed.subarray(0, -5), Buffer.from('{"event":"b"}')]) {
      const answer = await receiver.post(body, undefined, { "content-encoding": "gzip" });
      expect(answer.status).toBe(200);
    }
    expect(receiver.intake.events).toEqual([]);
    expect(receiver.intake.quarantined.map(({ reason }) => reason)).toEqual([
      "broken_compression",
      "broken_compression",
    ]);
    expect(receiver.intake.quarantined[0]!.bytes).toEqual(packed.subarray(0, -5));
  });
});
