/** Starting and stopping a receiver: ports, sockets, certificates, and requests that are under way. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readTlsFiles } from "../../../../src/inputs/hec/http/tls-files.ts";
import { test_certificate, test_key } from "../../../support/servers/certificate.ts";
import { issue } from "../../../support/servers/certificates.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { MemoryIntake } from "../../../support/events/memory-intake.ts";
import {
  authorization,
  requestText,
  startReceiver,
  TestReceiver,
} from "../../../support/hec/receiver.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const event = '{"event":"a"}';

function post(options: object, send: typeof httpRequest = httpRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = "/services/collector/event";
    const outgoing = send({ path, method: "POST", headers: { authorization }, ...options });
    outgoing.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode!));
    });
    outgoing.on("error", reject);
    outgoing.end(event);
  });
}

describe("where it listens", () => {
  test("hec - on a UNIX socket, with the mode that is asked for, and leaves no file behind", async () => {
    for (const [mode, bits] of [
      [undefined, 0o660],
      ["0600", 0o600],
    ] as const) {
      const path = join(temporaryDirectory(), "hec.sock");
      const options = { listen: `unix:${path}`, ...(mode === undefined ? {} : { mode }) };
      const receiver = await startReceiver(options);
      expect(statSync(path).mode & 0o777).toBe(bits);
      expect(await post({ socketPath: path })).toBe(200);
      expect(receiver.intake.texts).toEqual(["a"]);
      await receiver.input.stop();
      expect(statSync(path, { throwIfNoEntry: false })).toBe(undefined);
    }
  });

  test("hec - on an IPv6 address, and on every address", async () => {
    for (const listen of ["[::1]:0", ":0"]) {
      const receiver = await startReceiver({ listen });
      expect(await post({ host: "::1", port: receiver.port })).toBe(200);
    }
  });

  test("hec - over TLS, where plain HTTP is refused and strangers are told from senders", async () => {
    const directory = temporaryDirectory();
    const cert = join(directory, "cert.pem");
    const key = join(directory, "key.pem");
    writeFileSync(cert, test_certificate);
    writeFileSync(key, test_key);
    const receiver = await startReceiver({ tls: { cert, key }, max_connections: 1 });
    const options = { port: receiver.port, host: "127.0.0.1", ca: test_certificate };
    expect(await post(options, httpsRequest)).toBe(200);
    const plain = await receiver.connect();
    plain.write(requestText(event));
    await plain.closed;
    expect(plain.received).toBe("");
    expect(receiver.input.connections).toBe(1);
    expect(receiver.intake.texts).toEqual(["a"]);
  });

  test("hec - a port that is taken is an error that says so", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => {
      other.close();
    });
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const receiver = new TestReceiver({ listen: `127.0.0.1:${port}` }, {});
    await expect(receiver.input.start(receiver.intake)).rejects.toMatchObject({
      code: "listen_failed",
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });

  test("hec - a certificate that cannot be read or used is an error that names it", async () => {
    const directory = temporaryDirectory();
    const nonsense = join(directory, "nonsense.pem");
    writeFileSync(nonsense, "nonsense");
    // Whoever opened it and waited would never come back.
    const pipe = join(directory, "pipe.pem");
    execFileSync("mkfifo", [pipe]);
    for (const cert of [join(directory, "missing.pem"), nonsense, pipe, "/dev/zero"]) {
      const receiver = new TestReceiver({ tls: { cert, key: cert } }, {});
      await expect(receiver.input.start(receiver.intake)).rejects.toMatchObject({
        code: "listen_failed",
        message: expect.stringContaining(cert) as string,
      });
    }
  });
});

describe("changes", () => {
  test("hec - a certificate that is replaced is shown to connections to come, one that cannot be used never", async () => {
    const directory = temporaryDirectory();
    const cert = join(directory, "cert.pem");
    const key = join(directory, "key.pem");
    writeFileSync(cert, test_certificate);
    writeFileSync(key, test_key);
    const receiver = await startReceiver({ tls: { cert, key } });
    const options = { port: receiver.port, host: "127.0.0.1", agent: false };
    const other = issue({ name: "other", hosts: ["127.0.0.1"] });
    writeFileSync(cert, other.certificate);
    const wrong = { code: "listen_failed", message: expect.stringContaining(cert) as string };
    await expect(receiver.input.refresh()).rejects.toMatchObject(wrong);
    await expect(readTlsFiles({ cert, key })).rejects.toMatchObject(wrong);
    expect(await post({ ...options, ca: test_certificate }, httpsRequest)).toBe(200);
    writeFileSync(key, other.key);
    await readTlsFiles({ cert, key });
    expect(await post({ ...options, ca: test_certificate }, httpsRequest)).toBe(200);
    await receiver.input.refresh();
    expect(await post({ ...options, ca: other.certificate }, httpsRequest)).toBe(200);
    await expect(post({ ...options, ca: test_certificate }, httpsRequest)).rejects.toThrow();
  });

  test("hec - other metadata holds for a request that has begun, and for its query", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    const sent = '{"event":"a"}{"event":"b","host":"b"}';
    const text = requestText(sent).replace(" HTTP/1.1", "?sourcetype=mine HTTP/1.1");
    client.write(text.slice(0, -5));
    await eventually(() => receiver.input.connections === 1);
    const health = await receiver.request("GET", "/services/collector/health");
    expect(health.status).toBe(200);
    receiver.input.describe({ metadata: { index: "audit" } });
    client.write(text.slice(-5));
    await client.until(/200 OK/);
    const common = { source: "http:weka", index: "audit", sourcetype: "mine" };
    expect(receiver.intake.events.map(({ metadata }) => metadata)).toEqual([
      common,
      { ...common, host: "b" },
    ]);
  });
});

describe("stopping", () => {
  test("hec - a request under way is finished, and nothing is delivered afterwards", async () => {
    const intake = new MemoryIntake();
    const sync = Promise.withResolvers<void>();
    intake.beforeAnswer = () => sync.promise;
    const receiver = await startReceiver({}, { intake });
    const { port } = receiver;
    const under_way = await receiver.connect();
    under_way.write(requestText(event));
    const unfinished = await receiver.connect();
    unfinished.write(requestText("", { "Content-Length": String(event.length) }));
    unfinished.write(event.slice(0, 5));
    const idle = await receiver.connect();
    while (intake.count === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = receiver.input.stop();
    unfinished.write(event.slice(5));
    await unfinished.until(/503 Service Unavailable/);
    expect(unfinished.received).toContain('{"text":"Server is shutting down","code":23}');
    sync.resolve();
    await stopped;
    await Promise.all([under_way.closed, unfinished.closed, idle.closed]);
    expect(under_way.received).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(intake.count).toBe(1);
    await expect(post({ host: "127.0.0.1", port })).rejects.toThrow("ECONNREFUSED");
  });

  test("hec - a sender that does not finish does not hold up the stop", async () => {
    const receiver = await startReceiver();
    const client = await receiver.connect();
    client.write(requestText("", { "Content-Length": "1000" }));
    const health = await receiver.request("GET", "/services/collector/health");
    expect(health.status).toBe(200);
    await receiver.input.stop();
    await client.closed;
    expect(receiver.intake.deliveries).toBe(0);
  });

  test("hec - at a hand-over a request that has begun is taken as ever, and the next has the same port", async () => {
    const first = await startReceiver();
    const { port } = first;
    const unfinished = await first.connect();
    unfinished.write(requestText("", { "Content-Length": String(event.length) }));
    unfinished.write(event.slice(0, 5));
    const stranger = await first.connect();
    const text = requestText(event);
    stranger.write(text.slice(0, 10));
    const idle = await first.connect();
    idle.write(requestText(event));
    await idle.until(/200 OK/);
    const handed = first.input.handOver();
    await idle.closed;
    await expect(post({ host: "127.0.0.1", port })).rejects.toThrow("ECONNREFUSED");
    stranger.write(text.slice(10));
    unfinished.write(event.slice(5));
    await handed;
    await Promise.all([unfinished.closed, stranger.closed]);
    for (const { received } of [unfinished, stranger]) {
      expect(received).toMatch(/^HTTP\/1\.1 200 OK/);
      expect(received).toMatch(/^connection: close/im);
    }
    expect(first.intake.count).toBe(3);
    const second = await startReceiver({ listen: `127.0.0.1:${port}` });
    expect(await post({ host: "127.0.0.1", port })).toBe(200);
    expect(second.intake.count).toBe(1);
    expect(first.intake.count).toBe(3);
  });

  test("hec - who neither sends nor closes does not hold up a hand-over", async () => {
    const receiver = await startReceiver({}, { clock: fastClock(100) });
    const stranger = await receiver.connect();
    const unfinished = await receiver.connect();
    unfinished.write(requestText("", { "Content-Length": "1000" }));
    await eventually(() => receiver.input.connections === 2);
    await receiver.input.handOver();
    await Promise.all([stranger.closed, unfinished.closed]);
    await receiver.input.handOver();
    expect(receiver.intake.deliveries).toBe(0);
  });

  test("hec - it can be stopped twice, and without having been started", async () => {
    const receiver = await startReceiver();
    await receiver.input.stop();
    await receiver.input.stop();
    await new TestReceiver({}, {}).input.stop();
  });
});
