/** What a client is told that has ended: how many of its lines are kept, and nothing where that is not known. */
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { client, receive, SocketReceiving } from "../../../support/sockets/socket-receiving.ts";

/** All that the other side says until the end. */
function answer(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (more: string) => (text += more));
    socket.once("close", () => resolve(text));
    socket.once("end", () => socket.destroy());
  });
}

async function told(text: string, options: object = {}): Promise<string> {
  const { path } = await receive({ confirm: true, ...options });
  const socket = await client(path);
  socket.end(text);
  return answer(socket);
}

test.each([
  ["nothing", "", "ok 0\n"],
  ["a line", "one\n", "ok 1\n"],
  ["a line without its end", "one\ntwo", "ok 2\n"],
  ["empty lines", "one\n\n\r\ntwo\n", "ok 2\n"],
  ["many lines", "line\n".repeat(100_000), "ok 100000\n"],
])("confirm - of %s a client is told", async (_, text, expected) => {
  expect(await told(text)).toBe(expected);
});

test("confirm - without it a client is told nothing", async () => {
  expect(await told("one\n", { confirm: false })).toBe("");
});

test("confirm - a line that was cut is not kept as it was", async () => {
  const text = `one\n${"x".repeat(5000)}\n`;
  expect(await told(text, { max_event_bytes: "1KiB" })).toBe("error kept=2 dropped=0 cut=1\n");
});

test("confirm - what was dropped is not kept", async () => {
  const receiving = await receive({ confirm: true });
  receiving.drops_each = 1;
  const socket = await client(receiving.path);
  socket.end("one\ntwo\n");
  expect(await answer(socket)).toBe("error kept=1 dropped=1 cut=0\n");
});

test("confirm - nothing is said before all is kept", async () => {
  const receiving = await receive({ confirm: true });
  const kept = Promise.withResolvers<void>();
  receiving.beforeAnswer = () => kept.promise;
  const socket = await client(receiving.path);
  let text = "";
  socket.on("data", (more: Buffer) => (text += more.toString()));
  socket.end("one\n");
  await receiving.received(1);
  expect(text).toBe("");
  kept.resolve();
  await eventually(() => text === "ok 1\n");
});

test("confirm - a client that has not ended is told nothing by a stop", async () => {
  const receiving = await receive({ confirm: true });
  const socket = await client(receiving.path);
  socket.write("one\n");
  await receiving.received(1);
  const said = answer(socket);
  await receiving.input.stop();
  expect(await said).toBe("");
});

test("confirm - nor is one whose last lines could not be kept", async () => {
  const receiving = await receive({ confirm: true });
  const socket = await client(receiving.path);
  socket.write("one\n");
  await receiving.received(1);
  receiving.acceptance = "unavailable";
  const said = answer(socket);
  socket.end("two\n");
  await receiving.input.stop();
  expect(await said).toBe("");
  expect(receiving.ledger.books().total.lost_bytes).toBe(4);
});

test("confirm - the next input of the name counts on, in the middle of a line, too", async () => {
  const first = await receive({ confirm: true });
  const socket = await client(first.path);
  socket.write("one\ntwo and ");
  await first.received(1);
  const handed = await first.input.handOver();
  const second = new SocketReceiving({ path: first.path, confirm: true }, { handed });
  onTestFinished(() => second.input.stop());
  await second.input.start(second);
  socket.end("a half\nthree\n");
  expect(await answer(socket)).toBe("ok 3\n");
});
