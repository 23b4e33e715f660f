/** A folder that stands for the root of a system: files are put there with their modes, and get one time. */
import {
  chmodSync,
  cpSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

export class FileTree {
  readonly root: string;
  readonly #programs = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  write(path: string, text: string): void {
    writeFileSync(this.place(path), text);
  }

  /** As gzip -9n does it: without a name or a time. */
  writeGzipped(path: string, text: string): void {
    writeFileSync(this.place(path), gzipSync(text, { level: 9 }));
  }

  copy(from: string, path: string): void {
    cpSync(from, this.place(path), { recursive: true });
  }

  link(target: string, path: string): void {
    symlinkSync(target, this.place(path));
  }

  /** Says that a file is to be executed. */
  program(path: string): void {
    this.#programs.add(path);
  }

  /** The path within the folder, its parents made. */
  place(path: string): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }

  /** Files and links, by name. */
  files(): string[] {
    return readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.root.length + 1))
      .sort();
  }

  /** What Debian counts as the size when installed, in KiB: every file rounded up, and one for all else. */
  sizeInKibibytes(): number {
    const entries = readdirSync(this.root, { recursive: true, withFileTypes: true });
    const sizes = entries.map((entry) => {
      const stats = lstatSync(join(entry.parentPath, entry.name));
      return stats.isFile() ? Math.ceil(stats.size / 1024) : 1;
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Gives everything its mode and its time. */
  settle(date: Date): void {
    const settleAt = (path: string): void => {
      const file = join(this.root, path);
      const stats = lstatSync(file);
      if (stats.isDirectory()) {
        for (const name of readdirSync(file)) settleAt(join(path, name));
      }
      if (!stats.isSymbolicLink()) {
        chmodSync(file, stats.isDirectory() || this.#programs.has(path) ? 0o755 : 0o644);
      }
      lutimesSync(file, date, date);
    };
    settleAt("");
  }
}
