/**
 * Compressed files that were not known before. Each may be what a known file became: `gzip` writes `audit.log.1.gz` beside
 * `audit.log.1`, and removes that at the end. So one that holds what a known file has is held for as long as that file is
 * known; once it is gone, it is taken over, see Departures. One that still grows is compared when it has come to rest.
 */
import { contrast, relate } from "./copies.ts";
import type { Found } from "../discovery/walk.ts";
import type { FileInputContext } from "../files/context.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { comparisonWith } from "../files/identity.ts";
import { reach } from "../unpacking/readable.ts";
import type { Met } from "./met.ts";
import { mayHold } from "./rotation.ts";

interface Held {
  readonly size: number;
  readonly mtime_ms: number;
  readonly since_ms: number;
  /** The file that it was found to hold. */
  of: FollowedFile | undefined;
}

export class CompressedArrivals {
  readonly #context: FileInputContext;
  readonly #held = new Map<string, Held>();

  constructor(context: FileInputContext) {
    this.#context = context;
  }

  /** How many are held. */
  get count(): number {
    return this.#held.size;
  }

  holds(key: string): boolean {
    return this.#held.has(key);
  }

  /** Forgets those that are not among the files that were found. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#held.keys()) if (!keys.has(key)) this.#held.delete(key);
  }

  /** Whether the file may be read as one of its own; if not it is held. */
  async isIndependent(arrival: Found, met: Met): Promise<boolean> {
    const { clock, options } = this.#context;
    const { key, size, mtime_ms } = arrival.look;
    const suspects = this.#suspects(arrival, met);
    if (suspects.length === 0) return this.#release(key);
    const now_ms = clock.monotonic();
    const held = this.#held.get(key);
    if (held === undefined || held.size !== size || held.mtime_ms !== mtime_ms) {
      this.#held.set(key, { size, mtime_ms, since_ms: now_ms, of: undefined });
      return false;
    }
    if (held.of !== undefined && suspects.includes(held.of)) return false;
    const { original, is_unsure } = await this.#originalOf(met, suspects);
    held.of = original;
    if (original !== undefined) return false;
    if (is_unsure && now_ms - held.since_ms < options.rotate_wait) return false;
    return this.#release(key);
  }

  #release(key: string): true {
    this.#held.delete(key);
    return true;
  }

  /** Known files that begin alike, as far as that is known, and have names that are made from the same one. */
  #suspects({ directory, name, look }: Found, { head }: Met): FollowedFile[] {
    const compare = comparisonWith(head);
    const { roster } = this.#context;
    for (const slot of roster.sleepers.in(directory)?.slots ?? []) {
      // Of very many files in its directory nearly all have names that tell.
      if (!mayHold(name, roster.sleepers.placeAt(slot).name)) continue;
      if (compare(roster.sleepers.at(slot).identity.heads) !== "unlike") roster.wake(slot);
    }
    return [...roster].filter((file) => {
      const { identity, state } = file;
      if (state === "retired" || identity.key === look.key || identity.size === 0) return false;
      if (identity.directory !== directory || file.is_damaged) return false;
      if (compare(identity.heads) === "unlike") return false;
      return mayHold(name, identity.name) || mayHold(name, identity.base);
    });
  }

  async #originalOf(
    { content, head }: Met,
    suspects: readonly FollowedFile[],
  ): Promise<{ original: FollowedFile | undefined; is_unsure: boolean }> {
    const { open_files } = this.#context;
    let is_unsure = false;
    for (const file of suspects) {
      const size = await reach(content, 0, file.offset);
      const relation = await relate(file, { content, size, head });
      if (relation === "unlike") continue;
      // A byte more than the file has shows that this is no copy of it.
      const end = await reach(content, 0, file.identity.size + 1);
      const other = { content, size: end };
      const compared = await contrast(file, other, (look) => open_files.isSame(file, look));
      if (compared === "different") continue;
      // One that is not written to its end may hold too little to be known by, but so far it holds just what the file has.
      if (relation !== "unknown" || compared === "alike") return { original: file, is_unsure };
      is_unsure = true;
    }
    return { original: undefined, is_unsure };
  }
}
