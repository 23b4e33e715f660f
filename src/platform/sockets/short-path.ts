/**
 * The path of a UNIX socket in a form that is never too long for an address: where it would be, through its directory,
 * which is kept open for that.
 */
import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { socket_path_bytes_max } from "./socket-file.ts";
import { pathOf } from "../files/descriptor-path.ts";

export class ShortPath {
  readonly path: string;
  #directory: number | undefined;

  /** Throws the system's error where the directory is needed and cannot be opened. */
  constructor(path: string) {
    this.path = path;
    if (Buffer.byteLength(path) <= socket_path_bytes_max) return;
    this.#directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
    this.path = `${pathOf(this.#directory)}/${basename(path)}`;
  }

  /** The path may not be used any more. */
  close(): void {
    if (this.#directory !== undefined) closeSync(this.#directory);
    this.#directory = undefined;
  }
}
