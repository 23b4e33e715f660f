/** Inputs that replace each other on a socket from systemd: nobody is refused, and nothing is cut off. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { InheritedListener } from "../../../../src/platform/sockets/inherited-listener.ts";
import { test_certificate, test_key } from "../../../support/servers/certificate.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { authorization, RawClient, requestText, token } from "../../../support/hec/receiver.ts";
import { client, closed } from "../../../support/sockets/socket-receiving.ts";
import { SuccessiveInputs } from "../../../support/sockets/successive-inputs.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const anywhere = { port: 0, host: "127.0.0.1" };
const hec = { type: "hec", listen: "127.0.0.1:1", tokens: [token] };

async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return new RawClient(socket);
}

describe("sockets", () => {
  it("inherited listener - clients of a socket wait while there is no input, and lines go on", async () => {
    const path = join(temporaryDirectory(), "audit.sock");
    const inputs = new SuccessiveInputs({ path }, { type: "socket", path });
    await inputs.until(({ started }) => started === 0);
    const socket = await client(path);
    socket.write("one\nnext\nthe begin");
    await inputs.until(({ gap }) => gap === 0);
    const between = await client(path);
    between.write("between\nnext\n");
    socket.write("ning\n");
    await inputs.until(({ gap }) => gap === 1);
    const last = await client(path);
    const ends = [closed(socket), closed(between), closed(last)];
    socket.end("of the first\n");
    between.end("of the second");
    last.end("stop");
    await Promise.all(ends);
    await inputs.until(({ stopped }) => stopped === 0);
    expect(inputs.events.slice(0, 2)).toEqual([
      ["one", 0],
      ["next", 0],
    ]);
    const wanted = ["the beginning", "between", "next", "of the first", "of the second", "stop"];
    expect(
      inputs.events
        .slice(2)
        .map(([text]) => text)
        .toSorted(),
    ).toEqual(wanted.toSorted());
    expect(inputs.events).toContainEqual(["the beginning", 1]);
    expect(inputs.events).toContainEqual(["between", 1]);
    expect(inputs.events).toContainEqual(["stop", 2]);
  });
});

describe("HTTP", () => {
  test("inherited listener - requests are finished, and those that come meanwhile wait", async () => {
    const inputs = new SuccessiveInputs(anywhere, hec);
    await inputs.until(({ started }) => started === 0);
    const { port } = inputs;
    const [half, stranger, sender] = [
      await rawClient(port),
      await rawClient(port),
      await rawClient(port),
    ];
    const body = '{"event":"half"}';
    half.write(requestText("", { "Content-Length": String(body.length) }) + body.slice(0, 9));
    const text = requestText('{"event":"stranger"}');
    stranger.write(text.slice(0, 20));
    const silent = await rawClient(port);
    const idle = await rawClient(port);
    idle.write(requestText('{"event":"first"}'));
    await idle.until(/200 OK/);
    sender.write(requestText('{"event":"next"}'));
    await sender.until(/HTTP\/1\.1 200 OK/);
    const between = await rawClient(port);
    between.write(requestText('{"event":"between"}'));
    stranger.write(text.slice(20));
    silent.write(requestText('{"event":"silent"}'));
    idle.write(requestText('{"event":"idle"}'));
    half.write(body.slice(9));
    await Promise.all([half.closed, stranger.closed, silent.closed, idle.closed]);
    expect(idle.received.match(/200 OK/g)).toHaveLength(2);
    for (const each of [half, stranger, silent]) {
      expect(each.received).toMatch(/^HTTP\/1\.1 200 OK/);
      expect(each.received).toMatch(/^connection: close/im);
    }
    await between.until(/HTTP\/1\.1 200 OK/);
    expect(inputs.events.slice(0, 2)).toEqual([
      ["first", 0],
      ["next", 0],
    ]);
    expect(new Map(inputs.events.slice(2))).toEqual(
      new Map([
        ["between", 1],
        ["half", 0],
        ["idle", 0],
        ["silent", 0],
        ["stranger", 0],
      ]),
    );
    expect(inputs.events).toHaveLength(7);
    // The connection serves on.
    between.write(requestText('{"event":"again"}'));
    await inputs.until(({ event, by }) => event === "again" && by === 1);
  });

  test("inherited listener - a client that says nothing is cut off in time", async () => {
    const inputs = new SuccessiveInputs(anywhere, { ...hec, request_timeout: "1s" });
    await inputs.until(({ started }) => started === 0);
    const slow = await rawClient(inputs.port);
    slow.write("POST /services/collector HTTP/1.1\r\nAuthoriz");
    await slow.closed;
    expect(slow.received).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("inherited listener - TLS is spoken in either hand, and with who waited", async () => {
    const directory = temporaryDirectory();
    const tls = { cert: join(directory, "cert.pem"), key: join(directory, "key.pem") };
    writeFileSync(tls.cert, test_certificate);
    writeFileSync(tls.key, test_key);
    const inputs = new SuccessiveInputs(anywhere, { ...hec, tls });
    await inputs.until(({ started }) => started === 0);
    expect(await post(inputs.port, '{"event":"next"}')).toBe(200);
    await inputs.until(({ gap }) => gap === 0);
    expect(await post(inputs.port, '{"event":"between"}')).toBe(200);
    // The answer may be here before the line of the program is.
    await inputs.until(({ event }) => event === "between");
    expect(inputs.events).toEqual([
      ["next", 0],
      ["between", 1],
    ]);
  });
});

describe("bounds", () => {
  it("inherited listener - more clients than can wait are turned away", async () => {
    // A TCP client is not told that more are waiting to be accepted than the kernel keeps: it tries again.
    const inputs = new SuccessiveInputs(anywhere, hec);
    await inputs.until(({ started }) => started === 0);
    const { port } = inputs;
    (await rawClient(port)).write(requestText('{"event":"leave"}'));
    await inputs.until(({ gap }) => gap === 0);
    const waiting = await Promise.all(Array.from({ length: 1024 }, () => rawClient(port)));
    const one_more = await rawClient(port);
    await one_more.closed;
    const left = waiting.filter(({ socket }) => !socket.destroyed && !socket.readableEnded);
    expect(left).toHaveLength(waiting.length);
    for (const { socket } of waiting) socket.destroy();
  });

  it("inherited listener - a descriptor that is no socket cannot be taken, and says so", async () => {
    const facts = { fd: 1_000_000, name: "apps", path: undefined, kind: undefined };
    const listener = new InheritedListener(facts, new CollectedLog());
    const taker = { connected: () => undefined, failed: () => undefined };
    await expect(listener.take(taker)).rejects.toThrow(/EBADF|EINVAL/);
    await expect(listener.take(taker)).rejects.toThrow(/EBADF|EINVAL/);
    listener.close();
    await expect(listener.take(taker)).rejects.toThrow("it is closed");
  });
});

function post(port: number, event: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = "/services/collector/event";
    // On a connection of its own: one that is kept may be closed by an input that ends just when it is used again.
    const options = {
      port,
      host: "127.0.0.1",
      path,
      method: "POST",
      ca: test_certificate,
      agent: false,
    };
    const outgoing = request({ ...options, headers: { authorization } }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode!));
    });
    outgoing.on("error", reject);
    outgoing.end(event);
  });
}
