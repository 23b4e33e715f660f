/** Sockets from systemd: what the environment says, and when it is meant for somebody else. */
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { inheritedSockets } from "../../../../src/platform/sockets/listen-fds.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const pid = process.pid;

describe("listen fds", () => {
  it("listen fds - are numbered from 3 on, with their names", () => {
    const environment = {
      LISTEN_PID: String(pid),
      LISTEN_FDS: "3",
      LISTEN_FDNAMES: "audit:hec",
    };
    expect(inheritedSockets(environment).map(({ fd, name }) => [fd, name])).toEqual([
      [3, "audit"],
      [4, "hec"],
      [5, undefined],
    ]);
  });

  it.each([
    ["nothing is handed over", {}],
    ["they are another process's", { LISTEN_PID: String(pid + 1), LISTEN_FDS: "1" }],
    ["the number is none", { LISTEN_PID: String(pid), LISTEN_FDS: "many" }],
    ["there is no number", { LISTEN_PID: String(pid) }],
  ])("listen fds - none where %s", (_, environment) => {
    expect(inheritedSockets(environment)).toEqual([]);
  });

  it("listen fds - a UNIX socket's path is found by its descriptor", async () => {
    const path = join(temporaryDirectory(), "with space.sock");
    const server = createServer().listen(path);
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const environment = { LISTEN_PID: String(pid), LISTEN_FDS: String(fd - 2) };
    expect(inheritedSockets(environment).at(-1)).toEqual({
      fd,
      name: undefined,
      path,
      kind: "stream",
    });
  });
});
