/** HTTP itself, by hand: connections that stay open, pipelines, bodies in chunks, old versions, odd requests. */
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { authorization, requestText, startReceiver } from "../../../support/hec/receiver.ts";

const ok = /HTTP\/1\.1 200 OK/;

describe("http", () => {
  test("hec - many requests share a connection", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    for (let number = 1; number <= 50; number += 1) {
      client.write(requestText(`{"event":${number}}`));
      await client.until(ok, number);
    }
    expect(receiver.intake.texts).toEqual(Array.from({ length: 50 }, (_, at) => String(at + 1)));
  });

  test("hec - requests in a pipeline are delivered and answered in their order", async () => {
    const receiver = await startReceiver();
    const waits: (() => void)[] = [];
    receiver.intake.beforeAnswer = () => new Promise((resolve) => waits.push(resolve));
    const client = await receiver.connect();
    const bodies = ['{"event":1}', "hello", '{"event":3}'];
    client.write(bodies.map((body) => requestText(body)).join("") + requestText("", { Host: "x" }));
    while (waits.length < 3) await new Promise((resolve) => setImmediate(resolve));
    // The last is accepted first; its answer waits for those before it.
    for (const resolve of waits.toReversed()) resolve();
    const received = await client.until(/HTTP\/1\.1/, 4);
    const codes = received.match(/"code":\d+/g);
    expect(codes).toEqual(['"code":0', '"code":0', '"code":0', '"code":5']);
    expect(receiver.intake.texts).toEqual(["1", "3"]);
    expect(receiver.intake.quarantined.map(({ text }) => text)).toEqual(["hello"]);
  });

  test("hec - a body in chunks, cut anywhere, is whole again", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    const body = '{"event":"é\\n"}{"event":{"a":[1,2]}}';
    const bytes = Buffer.from(body);
    const { "Content-Length": _, ...headers } = {
      "Content-Length": "",
      "Transfer-Encoding": "chunked",
    };
    const head = requestText("", headers).replace(/Content-Length: 0\r\n/, "");
    client.write(head);
    for (const byte of bytes) client.write(Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a]));
    client.write("0\r\n\r\n");
    await client.until(ok);
    expect(receiver.intake.texts).toEqual(["é\n", '{"a":[1,2]}']);
  });

  test("hec - a client that closes its own side after its requests is answered, and then the connection closed", async () => {
    const receiver = await startReceiver();
    const waits: (() => void)[] = [];
    receiver.intake.beforeAnswer = () => new Promise((resolve) => waits.push(resolve));
    const socket = connect({ port: receiver.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(requestText('{"event":1}') + requestText('{"event":2}'));
    while (waits.length < 2) await new Promise((resolve) => setImmediate(resolve));
    // Answered on another connection later, so that the end of the first has been seen.
    await receiver.request("GET", "/services/collector/health");
    for (const resolve of waits) resolve();
    expect((await readText(socket)).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(receiver.intake.texts).toEqual(["1", "2"]);
  });

  test("hec - an HTTP/1.0 client without Host is answered, and the connection closed", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    const body = '{"event":"old"}';
    client.write(
      `POST /services/collector HTTP/1.0\r\nAuthorization: ${authorization}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await client.closed;
    expect(client.received).toMatch(ok);
    expect(receiver.intake.texts).toEqual(["old"]);
  });

  test("hec - a client that waits for 100 Continue gets it, or its refusal at once", async () => {
    const receiver = await startReceiver({ max_body: "64KiB" });
    const client = await receiver.connect();
    const body = '{"event":"a"}';
    client.write(
      requestText("", { "Content-Length": String(body.length), Expect: "100-continue" }),
    );
    await client.until(/HTTP\/1\.1 100 Continue\r\n\r\n/);
    client.write(body);
    await client.until(ok);
    const late = await receiver.connect();
    late.write(requestText("", { "Content-Length": "65537", Expect: "100-continue" }));
    await late.closed;
    expect(late.received).toMatch(/^HTTP\/1\.1 413 /);
    const stranger = await receiver.connect();
    stranger.write(requestText("", { Authorization: "Splunk x", Expect: "100-continue" }));
    await stranger.closed;
    expect(stranger.received).toMatch(/^HTTP\/1\.1 403 /);
    expect(receiver.intake.texts).toEqual(["a"]);
  });

  test("hec - after a refusal with its body the connection serves the next request", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    client.write(requestText("x".repeat(100_000), { Authorization: "Splunk wrong" }));
    await client.until(/403 Forbidden/);
    client.write(requestText('{"event":"a"}'));
    await client.until(ok);
    expect(receiver.intake.texts).toEqual(["a"]);
  });

  test.each([
    ["not HTTP", "hello\r\n\r\n", 400],
    ["two lengths", requestText("{}", { "Transfer-Encoding": "chunked" }), 400],
    ["a huge head", requestText("{}", { "X-Long": "x".repeat(20_000) }), 431],
    ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00", 400],
  ])("hec - %s is answered, and costs only that connection", async (_, bytes, status) => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    client.write(Buffer.from(bytes, "latin1"));
    await client.closed;
    expect(client.received).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await receiver.post('{"event":"a"}')).status).toBe(200);
    expect(receiver.intake.texts).toEqual(["a"]);
  });

  test("hec - a client that leaves before its answer has its events kept, and harms nobody", async () => {
    const receiver = await startReceiver();
    const sync = Promise.withResolvers<void>();
    receiver.intake.beforeAnswer = () => sync.promise;
    const client = await receiver.connect();
    client.write(requestText('{"event":"a"}'));
    while (receiver.intake.count === 0) await new Promise((resolve) => setImmediate(resolve));
    client.socket.destroy();
    await client.closed;
    sync.resolve();
    expect((await receiver.post('{"event":"b"}')).status).toBe(200);
    expect(receiver.intake.texts).toEqual(["a", "b"]);
  });
});
