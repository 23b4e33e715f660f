/** The lock on a state directory, between processes as well as within one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StateLock } from "../../../src/ledger/state-lock.ts";
import { is_long, long } from "../../support/effort.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

test("state lock - refuses a second holder and names the first", async () => {
  const directory = temporaryDirectory();
  const lock = await StateLock.acquire(directory);
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_locked" });
  await expect(StateLock.acquire(directory)).rejects.toThrow(`process ${process.pid}`);
  await lock.release();
  const again = await StateLock.acquire(directory);
  await again.release();
  expect(existsSync(join(directory, "lock"))).toBe(false);
});

test("state lock - is free again after its holder was killed", async () => {
  const directory = temporaryDirectory();
  const holder = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { StateLock } from ${JSON.stringify(import.meta.resolve("../../../src/ledger/state-lock.ts"))};
       await StateLock.acquire(${JSON.stringify(directory)});
       console.log("held");
       setInterval(() => undefined, 1000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(holder.stdout, "data");
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_locked" });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(existsSync(join(directory, "lock"))).toBe(true);
  const lock = await StateLock.acquire(directory);
  await lock.release();
});

test("state lock - is refused while its holder is stopped and cannot answer", async () => {
  const directory = temporaryDirectory();
  // It listens, and as its process is stopped, never answers.
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(join(directory, "lock"), resolve));
  onTestFinished(() => {
    holder.close();
  });
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_locked" });
});

test(
  "state lock - goes to exactly one of many who take over a stale one at once",
  long,
  async () => {
    const directory = temporaryDirectory();
    for (let round = 0; round < (is_long ? 20 : 3); round += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => StateLock.acquire(directory)),
      );
      const held = results.filter((result) => result.status === "fulfilled");
      expect(held).toHaveLength(1);
      await held[0]!.value.release();
    }
  },
);

test("state lock - is released although somebody keeps a connection to it open", async () => {
  const directory = temporaryDirectory();
  const lock = await StateLock.acquire(directory);
  const socket = connect({ path: join(directory, "lock"), allowHalfOpen: true });
  await once(socket, "connect");
  await lock.release();
  socket.destroy();
});

test("state lock - works in a directory whose path is longer than a socket's may be", async () => {
  const directory = join(temporaryDirectory(), "x".repeat(120));
  const { mkdirSync } = await import("node:fs");
  mkdirSync(directory);
  const lock = await StateLock.acquire(directory);
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_locked" });
  await lock.release();
});

test("state lock - says that a directory is missing", async () => {
  const directory = join(temporaryDirectory(), "missing");
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_unwritable" });
});

test("state lock - holds although the file of its socket is removed", async () => {
  const directory = temporaryDirectory();
  const lock = await StateLock.acquire(directory);
  rmSync(join(directory, "lock"));
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_locked" });
  expect(await StateLock.holder(directory)).toBe("");
  await lock.release();
  expect(await StateLock.holder(directory)).toBeUndefined();
  await (await StateLock.acquire(directory)).release();
});

test("state lock - without the program flock it holds as well, within the machine", async () => {
  const directory = temporaryDirectory();
  const path = process.env["PATH"];
  process.env["PATH"] = directory;
  onTestFinished(() => {
    process.env["PATH"] = path;
  });
  const lock = await StateLock.acquire(directory);
  rmSync(join(directory, "lock"));
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_locked" });
  expect(await StateLock.holder(directory)).toBe("");
  await lock.release();
  await (await StateLock.acquire(directory)).release();
});

test("state lock - a look at it keeps nobody from taking it", async () => {
  const directory = temporaryDirectory();
  const looks = Promise.all(Array.from({ length: 8 }, () => StateLock.holder(directory)));
  const lock = await StateLock.acquire(directory);
  await looks;
  await lock.release();
});

test("state lock - is not taken in a directory that others may write", async () => {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o777);
  await expect(StateLock.acquire(directory)).rejects.toMatchObject({ code: "state_untrusted" });
});
