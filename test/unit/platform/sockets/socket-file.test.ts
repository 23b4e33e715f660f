/** The file of a socket, where somebody puts something else in its place. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { changeSocketMode, SocketFile } from "../../../../src/platform/sockets/socket-file.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

async function listening(path: string): Promise<SocketFile> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return SocketFile.listen(server, { path, mode: 0o600 });
}

test("socket file - gets its mode, and leaves nothing beside it", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "admin.sock");
  const file = await listening(path);
  expect(lstatSync(path).mode & 0o7777).toBe(0o600);
  await changeSocketMode(path, 0o660);
  expect(lstatSync(path).mode & 0o7777).toBe(0o660);
  expect(readdirSync(directory)).toEqual(["admin.sock"]);
  await file.remove();
  expect(readdirSync(directory)).toEqual([]);
});

test.each(["a link", "a file", "a directory"])(
  "socket file - %s in its place keeps its mode, and what it leads to as well",
  async (what) => {
    const directory = temporaryDirectory();
    const path = join(directory, "admin.sock");
    const victim = join(directory, "victim");
    writeFileSync(victim, "");
    chmodSync(victim, 0o600);
    if (what === "a link") symlinkSync(victim, path);
    else if (what === "a file") writeFileSync(path, "", { mode: 0o600 });
    else mkdirSync(path, { mode: 0o700 });
    const before = lstatSync(path).mode;
    await expect(changeSocketMode(path, 0o666)).rejects.toThrow("is not a socket");
    expect(lstatSync(path).mode).toBe(before);
    expect(statSync(victim).mode & 0o777).toBe(0o600);
    await expect(listening(path)).rejects.toThrow("something other than a socket is there");
  },
);
