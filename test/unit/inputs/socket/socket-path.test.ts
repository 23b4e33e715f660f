/** The socket's file: taken over where it is stale, refused where it is not, with its mode and owner. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../../../support/temporary.ts";
import {
  client,
  receive,
  SocketReceiving,
  socketOptions,
} from "../../../support/sockets/socket-receiving.ts";

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** Leaves a socket behind that nobody listens on, as a process that is killed does. */
async function leaveStale(path: string): Promise<void> {
  const script = `
    require("node:net").createServer().listen(process.argv[1], () => {
      process.kill(process.pid, "SIGKILL");
    })`;
  await once(spawn(process.execPath, ["-e", script, path], { stdio: "inherit" }), "close");
  expect(lstatSync(path).isSocket()).toBe(true);
}

describe("the socket's path", () => {
  it("socket - a stale socket is taken over", async () => {
    const path = join(temporaryDirectory(), "audit.sock");
    await leaveStale(path);
    const receiving = await receive({ path });
    (await client(path)).end("one\n");
    await receiving.received(1);
    expect(readdirSync(dirname(path))).toEqual(["audit.sock"]);
  });

  it("socket - a live socket is refused, and goes on", async () => {
    const first = await receive();
    const second = new SocketReceiving({ path: first.path }, {});
    await expect(second.input.start(second)).rejects.toEqual(
      refused("socket_in_use", /another process listens on .*audit\.sock/),
    );
    (await client(first.path)).end("one\n");
    await first.received(1);
    expect(readdirSync(dirname(first.path))).toEqual(["audit.sock"]);
  });

  it.each([
    ["a file", (path: string) => writeFileSync(path, "precious")],
    ["a directory", (path: string) => mkdirSync(path)],
    ["a link", (path: string) => symlinkSync("/nowhere", path)],
  ])("socket - %s at the path is never removed", async (_, put) => {
    const path = join(temporaryDirectory(), "audit.sock");
    put(path);
    const { ino } = lstatSync(path);
    const receiving = new SocketReceiving({ path }, {});
    await expect(receiving.input.start(receiving)).rejects.toEqual(
      refused("socket_unavailable", /something other than a socket/),
    );
    expect(lstatSync(path).ino).toBe(ino);
    expect(readdirSync(dirname(path))).toEqual(["audit.sock"]);
  });

  it("socket - a missing directory is named", async () => {
    const path = join(temporaryDirectory(), "missing", "audit.sock");
    const receiving = new SocketReceiving({ path }, {});
    await expect(receiving.input.start(receiving)).rejects.toEqual(
      refused("socket_unavailable", /the directory .*missing does not exist/),
    );
  });

  it("socket - its mode is set, whatever the umask is", async () => {
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const receiving = await receive({ mode: "0606" });
    expect(lstatSync(receiving.path).mode & 0o777).toBe(0o606);
  });

  // Only root may give a file away.
  it.runIf(process.getuid!() === 0)("socket - mode, owner and group are set", async () => {
    const before = process.umask(0o777);
    onTestFinished(() => void process.umask(before));
    const receiving = await receive({ mode: "0606", owner: "1", group: "daemon" });
    const { mode, uid, gid } = lstatSync(receiving.path);
    expect([mode & 0o777, uid, gid]).toEqual([0o606, 1, 1]);
  });

  it("socket - an account that does not exist is named", async () => {
    for (const option of ["owner", "group"]) {
      const receiving = new SocketReceiving({ [option]: "nobody-at-all" }, {});
      await expect(receiving.input.start(receiving)).rejects.toEqual(
        refused("socket_unavailable", /there is no (user|group) nobody-at-all/),
      );
      expect(existsSync(receiving.path)).toBe(false);
    }
  });

  it("socket - a file that somebody else has put at the path stays when it stops", async () => {
    const receiving = await receive();
    unlinkSync(receiving.path);
    const other = createServer().listen(receiving.path);
    await once(other, "listening");
    onTestFinished(() => void other.close());
    await receiving.input.stop();
    expect(lstatSync(receiving.path).isSocket()).toBe(true);
    await client(receiving.path);
  });
});

describe("options", () => {
  it.each([
    [{ path: "audit.sock" }, "expected an absolute path, such as /run/tallyman/audit.sock"],
    [{ path: `/${"x".repeat(120)}` }, "expected a path of at most 89 bytes"],
    [{ mode: 660 }, 'expected a mode in quotes, such as "0660"'],
    [{ mode: "rw-" }, 'expected datagram, stream, or a mode of three octal digits, such as "0660"'],
    [{ owner: 1000 }, 'expected a name, or "1000" in quotes'],
  ])("socket - options %j are refused: %s", (options, message) => {
    const parsed = socketOptions.safeParse({ type: "socket", path: "/run/a.sock", ...options });
    expect(parsed.error?.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it("socket - the longest path that is allowed can be listened on and taken over", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "x".repeat(88 - directory.length));
    expect(path.length).toBe(89);
    await leaveStale(path);
    const receiving = await receive({ path });
    (await client(path)).end("one\n");
    await receiving.received(1);
  });
});
