/** The file of a socket, where somebody puts something else in its place. */
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
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

test.skipIf(process.getuid!() !== 0)(
  "socket file - a link of somebody else on the way leads to no other place, nor to another socket's mode",
  async () => {
    const directory = temporaryDirectory();
    const real = join(directory, "real");
    const link = join(directory, "link");
    mkdirSync(real);
    const victim = await listening(join(real, "victim.sock"));
    symlinkSync(real, link);
    lchownSync(link, 12345, 12345);
    const refused = `${link} is a symbolic link that others can lead elsewhere`;
    await expect(listening(join(link, "own.sock"))).rejects.toMatchObject({
      code: "socket_unavailable",
      message: expect.stringContaining(refused) as string,
    });
    await expect(changeSocketMode(join(link, "victim.sock"), 0o666)).rejects.toThrow(refused);
    expect(readdirSync(real)).toEqual(["victim.sock"]);
    expect(lstatSync(join(real, "victim.sock")).mode & 0o777).toBe(0o600);
    await victim.remove();
  },
);

test("socket file - is removed where it was made, though its directory has moved, and no other one", async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "own"));
  const file = await listening(join(directory, "own", "a.sock"));
  renameSync(join(directory, "own"), join(directory, "moved"));
  mkdirSync(join(directory, "own"));
  const other = await listening(join(directory, "own", "a.sock"));
  await file.remove();
  await file.remove();
  expect(readdirSync(join(directory, "moved"))).toEqual([]);
  expect(readdirSync(join(directory, "own"))).toEqual(["a.sock"]);
  await other.remove();
});

test("socket file - what is said names the path, however it is reached", async () => {
  const path = join(temporaryDirectory(), "d".repeat(150), "a.sock");
  await expect(listening(path)).rejects.toThrow(`cannot listen on ${path}: the directory`);
  mkdirSync(join(path, ".."));
  const file = await listening(path);
  await expect(listening(path)).rejects.toThrow(`another process listens on ${path}`);
  await file.remove();
});
