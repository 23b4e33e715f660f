/** What matches and cannot be read, as a user without root's rights meets it. */
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FilesStatus } from "../../../../src/inputs/file/files-status.ts";
import { eventually } from "../../../support/eventually.ts";

const script = join(import.meta.dirname, "../../../support/files/follow-as-nobody.ts");

function openDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-test-"));
  chmodSync(directory, 0o755);
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

class Nobody {
  output = "";
  readonly #child: ChildProcess;

  constructor(path: string) {
    this.#child = spawn(process.execPath, [script, path], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout!.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  /** Resolves when its status is so. */
  async has(isSo: (status: FilesStatus) => boolean): Promise<FilesStatus> {
    let last: FilesStatus | undefined;
    await eventually(() => {
      this.#child.stdin!.write("\n");
      const told = this.output.split("\n").filter((line) => line.startsWith("status "));
      const line = told.at(-1);
      // The last line may not be there as a whole.
      if (line === undefined || !line.endsWith("}")) return false;
      last = JSON.parse(line.slice("status ".length)) as FilesStatus;
      return isSo(last);
    });
    return last!;
  }
}

describe.runIf(process.getuid!() === 0)("unreadable", () => {
  it("unreadable - a file at the first start counts, is no missing one, and is over once it is readable", async () => {
    const path = join(openDirectory(), "audit.log");
    writeFileSync(path, "one\n", { mode: 0o600 });
    const nobody = new Nobody(path);
    const { unmatched, unreadable } = await nobody.has((status) => status.unreadable.length > 0);
    expect(unreadable).toEqual([{ path, error: "EACCES" }]);
    expect(unmatched).toEqual([]);
    chmodSync(path, 0o644);
    await nobody.has((status) => status.unreadable.length === 0);
    await eventually(() => nobody.output.includes("line one"));
  });

  it("unreadable - a new file that rotation made so counts while the rotated one is followed", async () => {
    const path = join(openDirectory(), "audit.log");
    writeFileSync(path, "one\n", { mode: 0o644 });
    const nobody = new Nobody(path);
    await eventually(() => nobody.output.includes("line one"));
    renameSync(path, `${path}.1`);
    writeFileSync(path, "two\n", { mode: 0o600 });
    const { files, unreadable } = await nobody.has((status) => status.unreadable.length > 0);
    expect(unreadable).toEqual([{ path, error: "EACCES" }]);
    expect(files.map((file) => file.path)).toEqual([`${path}.1`]);
    rmSync(path);
    await nobody.has((status) => status.unreadable.length === 0);
  });

  it("unreadable - a directory that may not be listed, or gone through, is said", async () => {
    const directory = join(openDirectory(), "logs");
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, "audit.log"), "one\n");
    const nobody = new Nobody(join(directory, "*.log"));
    const closed = await nobody.has((status) => status.unreadable.length > 0);
    expect(closed.unreadable).toEqual([{ path: directory, error: "EACCES" }]);
    expect(closed.unmatched).toEqual([]);
    chmodSync(directory, 0o744);
    const path = join(directory, "audit.log");
    await nobody.has(({ unreadable: [one] }) => one?.path === path && one.error === "EACCES");
    chmodSync(directory, 0o755);
    await nobody.has((status) => status.unreadable.length === 0);
  });
});
