/** Files of tallyman's own: whatever else stands under their names is neither followed nor waited for. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { replaceFile } from "../../../../src/platform/files/atomic-file.ts";
import {
  createOwn,
  openOwn,
  openShared,
  readOwn,
} from "../../../../src/platform/files/own-file.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const is_root = process.getuid!() === 0;
const victims_text = "of somebody else\n";

type Plant = (path: string) => void | Promise<void>;

/** What may stand under a name, and how it is named. */
const plants: [string, RegExp, Plant, boolean?][] = [
  ["a link to a file", /symbolic link/, (path) => plantLink(path)],
  ["a link to nothing", /symbolic link/, (path) => symlinkSync(`${path}.gone`, path)],
  ["a pipe", /regular file|a pipe/, (path) => void execFileSync("mkfifo", [path])],
  ["a directory", /directory|regular file/, (path) => mkdirSync(path)],
  ["a socket", /a pipe or a socket/, plantSocket],
  ["a device", /regular file/, (path) => void execFileSync("mknod", [path, "c", "1", "3"]), true],
  ["a file of another user", /a file of user 12345/, plantForeign, true],
];

function plantLink(path: string): void {
  writeFileSync(`${path}.victim`, victims_text);
  symlinkSync(`${path}.victim`, path);
}

async function plantSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

function plantForeign(path: string): void {
  writeFileSync(path, victims_text, { mode: 0o666 });
  chownSync(path, 12345, 12345);
}

describe.each(plants)("own file - %s", (_, named, plant, needs_root = false) => {
  const run = test.skipIf(needs_root && !is_root);

  run("is neither read nor written, nor waited for", async () => {
    const path = join(temporaryDirectory(), "file");
    await plant(path);
    await expect(readOwn(path)).rejects.toThrow(named);
    const { O_WRONLY, O_RDWR, O_APPEND, O_CREAT } = constants;
    for (const flags of [O_WRONLY, O_RDWR | O_APPEND | O_CREAT]) {
      await expect(openOwn(path, flags, 0o600)).rejects.toThrow(named);
    }
    if (existsSync(`${path}.victim`))
      expect(readFileSync(`${path}.victim`, "utf8")).toBe(victims_text);
    expect(existsSync(`${path}.gone`)).toBe(false);
  });

  run("in the place of a file's neighbour is replaced, and not written to", async () => {
    const path = join(temporaryDirectory(), "state.json");
    await plant(`${path}.new`);
    if (lstatSync(`${path}.new`).isDirectory()) {
      await expect(replaceFile(path, "{}")).rejects.toThrow(
        `${path}.new is a directory (EISDIR); see who made it, and remove it`,
      );
      return;
    }
    await replaceFile(path, "{}");
    expect(readFileSync(path, "utf8")).toBe("{}");
    const { uid, mode } = lstatSync(path);
    expect([uid, mode & 0o777]).toEqual([process.getuid!(), 0o600]);
    const victim = `${path}.new.victim`;
    if (existsSync(victim)) expect(readFileSync(victim, "utf8")).toBe(victims_text);
    expect(existsSync(`${path}.new.gone`)).toBe(false);
  });
});

test("own file - a second name of another's file is not written to when one is made", async () => {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(`${path}.victim`, victims_text);
  linkSync(`${path}.victim`, path);
  const handle = await createOwn(path, 0o600);
  await handle.writeFile("own");
  await handle.close();
  expect(readFileSync(`${path}.victim`, "utf8")).toBe(victims_text);
});

test.skipIf(!is_root)(
  "own file - an archive may be another's, but not where anybody may write",
  async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "archive.jsonl");
    plantForeign(path);
    await (await openShared(path, constants.O_RDWR)).close();
    chmodSync(directory, 0o777);
    await expect(openShared(path, constants.O_RDWR)).rejects.toThrow(/a file of user 12345/);
    chownSync(path, 0, 0);
    await (await openShared(path, constants.O_RDWR)).close();
    linkSync(path, `${path}.other`);
    await expect(openShared(path, constants.O_RDWR)).rejects.toThrow(/with 2 hard links/);
  },
);
