/**
 * Why something that a path leads to is not followed, in words that say what to do.
 */
import type { Kind } from "./file-access.ts";

/**
 * - link_untrusted: a link out of the directories of the pattern, and others may choose where it leads.
 * - link: a link, where none is followed.
 * - hard_link: another name of a file of somebody else's.
 * - own: tallyman's own.
 * - kernel: on a file system of the kernel's.
 * - misnamed: its name is not UTF-8.
 * - compressed: compressed in a way that is not read, or an archive.
 * - empty: named as a compressed file, and empty so far.
 * - the others say what it is.
 */
export type RefusalReason =
  | "link_untrusted"
  | "link"
  | "hard_link"
  | "own"
  | "kernel"
  | "misnamed"
  | "compressed"
  | "empty"
  | "pipe"
  | "socket"
  | "device"
  | "directory";

export interface Refusal {
  /** As the pattern leads there; with bytes that are not UTF-8 as `\xff`. */
  readonly path: string;
  readonly reason: RefusalReason;
  /** Follows the path. */
  readonly message: string;
  /** Where it really is, as far as that is known, and its device and inode. */
  readonly real: string | undefined;
  readonly key: string | undefined;
  /** Whether the pattern asks for just this, or somebody made a link: not so for what merely lies among other files. */
  readonly is_asked_for: boolean;
}

/** What is refused for what it is: all but files. `leads` says that a link leads there. */
export function kindMessage(kind: Exclude<Kind, "file">, path: string, leads: boolean): string {
  if (kind === "directory") return `is a directory: write ${path}/*`;
  const what = {
    pipe: "a named pipe: not followed; use type socket or stdin",
    socket: "a socket: not followed; use type socket, which makes one that programs write to",
    device: "a device: never followed",
    link: "a link that was changed just now: not followed yet",
  }[kind];
  return `${leads ? "leads to" : "is"} ${what}`;
}

export const misnamed_message = "has a name that is not UTF-8, and cannot be followed; rename it";

export const empty_message = "is empty, or nearly so: it is read once more is written to it";

/** Of what is compressed in a way that is not read. */
export function unfitMessage(unfit: string): string {
  return `${unfit}, and is not read: compress with gzip or zstd, or add it to the input's exclude`;
}

export function ownMessage(what: string, leads: boolean): string {
  return `${leads ? "leads to" : "is"} tallyman's own (${what}): never followed`;
}

export function kernelMessage(leads: boolean): string {
  const is = leads ? "leads to" : "is on";
  return `${is} a file system of the kernel, such as /proc or /sys: never followed`;
}

export function linkMessage(target: string): string {
  return `is a link to ${target}: not followed, since follow_links is never; write the path that it leads to`;
}

export function untrustedMessage(target: string, doubt: string): string {
  return (
    `is a link to ${target}: not followed, since others could redirect it: ${doubt}. If that is intended, ` +
    "make root the owner of the links and directories on the way, or set follow_links: always"
  );
}

export function hardLinkMessage(writers: string): string {
  return (
    `is a hard link, and may be another name of a file that should not be read: ${writers}. If that is intended, ` +
    "set follow_links: always"
  );
}
