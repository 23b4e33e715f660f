/** A small disk of its own for a test, and a way to fill it. Mounting one is for root alone. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "../temporary.ts";

/** A directory for the configuration, and a disk of 8 MiB in it for the state. */
export function onSmallDisk(): { directory: string; disk: string } {
  const directory = temporaryDirectory();
  const disk = join(directory, "state");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", disk]);
  onTestFinished(() => {
    execFileSync("umount", ["-l", disk]);
  });
  return { directory, disk };
}

/** Takes every byte that is free. */
export function fillUp(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 65_536; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
