/**
 * Notifications of changes in directories. They only ever set flags and save waiting: everything is found by
 * the polling as well, so a file system that does not notify, or a queue that overflows, costs time, not data.
 */
import { watch as watchPath } from "node:fs";
import type { Logger } from "../../../platform/log.ts";
import { errorCode } from "./file-access.ts";

/** Something in a directory changed. `moved` is a name that came or went, `changed` a file's content. */
export type Notice = (
  directory: string,
  kind: "moved" | "changed",
  name: string | undefined,
) => void;

export interface Watch {
  close(): void;
}

/** Begins to watch one directory; throws the system's error. The seam at which tests make watches run out. */
export type WatchDirectory = (
  directory: string,
  onEvent: (kind: "rename" | "change", name: string | null) => void,
  onError: (error: unknown) => void,
) => Watch;

export const watchDirectory: WatchDirectory = (directory, onEvent, onError) => {
  const watcher = watchPath(directory, { persistent: true });
  watcher.on("change", (kind, name) => {
    onEvent(kind === "rename" ? "rename" : "change", typeof name === "string" ? name : null);
  });
  watcher.on("error", onError);
  return watcher;
};

const watches_limit_file = "/proc/sys/fs/inotify/max_user_watches";

export class Watcher {
  readonly #watch: WatchDirectory;
  readonly #notice: Notice;
  readonly #log: Logger;
  /** By directory path, with the key of the directory that is watched. */
  readonly #watches = new Map<string, { key: string; watch: Watch }>();
  #state: "watching" | "exhausted" | "closed" = "watching";

  constructor(watch: WatchDirectory, notice: Notice, log: Logger) {
    this.#watch = watch;
    this.#notice = notice;
    this.#log = log;
  }

  /** Watches exactly these directories from now on: device and inode by path. */
  follow(directories: ReadonlyMap<string, string>): void {
    if (this.#state === "closed") return;
    for (const [path, { key, watch }] of this.#watches) {
      if (directories.get(path) === key) continue;
      watch.close();
      this.#watches.delete(path);
    }
    let refused: string | undefined;
    for (const [path, key] of directories) {
      if (this.#watches.has(path)) continue;
      refused = this.#begin(path, key);
      if (refused !== undefined) break;
    }
    if (refused === undefined && this.#state === "exhausted") {
      this.#state = "watching";
      this.#log.info("watches_available", {}, "inotify watches are available again.");
    }
  }

  /** Whether a directory is watched. */
  watches(path: string): boolean {
    return this.#watches.has(path);
  }

  close(): void {
    this.#state = "closed";
    for (const { watch } of this.#watches.values()) watch.close();
    this.#watches.clear();
  }

  /** Gives the error where there is no use in trying the next directory. */
  #begin(path: string, key: string): string | undefined {
    try {
      const watch = this.#watch(
        path,
        (kind, name) =>
          this.#notice(path, kind === "rename" ? "moved" : "changed", name ?? undefined),
        () => this.#drop(path, key),
      );
      this.#watches.set(path, { key, watch });
      return undefined;
    } catch (error) {
      const code = errorCode(error);
      if (code !== "ENOSPC" && code !== "EMFILE" && code !== "ENFILE") return undefined;
      if (this.#state === "watching") {
        this.#state = "exhausted";
        this.#log.warn(
          "watches_exhausted",
          { error: code, watched_directories: this.#watches.size, limit: watches_limit_file },
          `No inotify watches left: changes are found by polling, and nothing is lost. Raise ${watches_limit_file} (and max_user_instances beside it).`,
        );
      }
      return code;
    }
  }

  /** A watch that failed is begun again by the next scan. */
  #drop(path: string, key: string): void {
    const watched = this.#watches.get(path);
    if (watched?.key !== key) return;
    watched.watch.close();
    this.#watches.delete(path);
    this.#notice(path, "moved", undefined);
  }
}
