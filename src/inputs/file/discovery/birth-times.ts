/**
 * Tells whether a birth time can be relied on: where a system does not know it, the time of the last change
 * is in its place, and moves. A device is trusted once an inode on it shows two different times.
 */
import type { Look } from "../discovery/file-access.ts";

export class BirthTimes {
  readonly #trusted = new Set<string>();

  /** Takes note of a look at anything on a device. */
  observe(look: Pick<Look, "device" | "birth" | "changed">): void {
    if (look.birth !== "0" && look.birth !== look.changed) this.#trusted.add(look.device);
  }

  /** Whether what was looked at was certainly born later than `birth`. */
  isLater(look: Look, birth: string): boolean {
    return this.differ(birth, look) && BigInt(look.birth) > BigInt(birth);
  }

  /** Whether the file that was born at `birth` is certainly not the one that was looked at. */
  differ(birth: string, look: Look): boolean {
    this.observe(look);
    if (birth === look.birth || birth === "0" || look.birth === "0") return false;
    return this.#trusted.has(look.device);
  }
}
