/**
 * Files that sleep: read to their end, unchanged for long, and of which nothing is kept but packed bytes. Here they are found by
 * their place, by device and inode, and by directory. A file that sleeps lies at the place where it was found first.
 *
 * One that was restored is unplaced until a look has found it as it was.
 */
import { SlotIndex } from "../../../platform/packing/slot-index.ts";
import { joinPath } from "../discovery/directories.ts";
import type { FileCheckpoint, FileIdentity } from "./identity.ts";
import type { OwnStreams } from "./own-streams.ts";

/** Those in one directory. */
export interface SleepersIn {
  readonly directory: string;
  readonly slots: Set<number>;
  /** Those of them that are unplaced. */
  readonly unplaced: Set<number>;
  /** Another number whenever others sleep there. */
  version: number;
  /** Whether all of them are to be looked at. */
  is_due: boolean;
  /** The names that the directory had when all of them were looked at and everything that happens there was notified. */
  looked_in: unknown;
}

export type AsleepIdentity = Omit<FileIdentity, "heads" | "samples">;

/** Where one lies, and under which path it was found. */
export type AsleepPlace = Pick<FileIdentity, "path" | "directory" | "name" | "key">;

const place_keys: ReadonlySet<keyof AsleepPlace> = new Set(["path", "directory", "name", "key"]);

export interface Sleeper {
  readonly identity: FileIdentity;
  readonly checkpoint: FileCheckpoint;
}

export class Sleepers {
  readonly #streams: OwnStreams;
  readonly #by_place = new SlotIndex();
  readonly #by_key = new SlotIndex();
  readonly #directories = new Map<string, SleepersIn>();
  #count = 0;
  #bytes = 0;

  constructor(streams: OwnStreams) {
    this.#streams = streams;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes that are read of them together. */
  get bytes(): number {
    return this.#bytes;
  }

  has(slot: number): boolean {
    return this.#streams.asleep().has(slot);
  }

  /** What is known of the file in a slot. */
  at(slot: number): Sleeper {
    return this.#streams.asleep().at(slot) as unknown as Sleeper;
  }

  /** The identity alone, without its lists: that costs less. */
  identityAt(slot: number): AsleepIdentity {
    return this.#streams.asleep().identityAt(slot) as AsleepIdentity;
  }

  /** Its place alone, which costs still less. */
  placeAt(slot: number): AsleepPlace {
    return this.#streams.asleep().partAt(slot, place_keys) as AsleepPlace;
  }

  add(slot: number, { identity, checkpoint }: Sleeper, state: "placed" | "unplaced"): void {
    const { directory, name, key } = identity;
    this.#by_place.add(joinPath(directory, name), slot);
    this.#by_key.add(key, slot);
    let there = this.#directories.get(directory);
    if (there === undefined) {
      const [slots, unplaced] = [new Set<number>(), new Set<number>()];
      there = { directory, slots, unplaced, version: 0, is_due: false, looked_in: undefined };
      this.#directories.set(directory, there);
    }
    there.slots.add(slot);
    there.version += 1;
    if (state === "unplaced") there.unplaced.add(slot);
    this.#count += 1;
    this.#bytes += checkpoint.offset;
  }

  /** Takes one out that is woken, and says whether it was placed. */
  take(slot: number): "placed" | "unplaced" {
    const { identity, checkpoint } = this.at(slot);
    const { directory, name, key } = identity;
    this.#by_place.delete(joinPath(directory, name), slot);
    this.#by_key.delete(key, slot);
    const there = this.#directories.get(directory)!;
    there.slots.delete(slot);
    const state = there.unplaced.delete(slot) ? "unplaced" : "placed";
    there.version += 1;
    if (there.slots.size === 0) this.#directories.delete(directory);
    this.#count -= 1;
    this.#bytes -= checkpoint.offset;
    return state;
  }

  /** The one at a place, wherever it lies really where it is unplaced. */
  find(directory: string, name: string): number | undefined {
    return this.#find(directory, name, () => true);
  }

  /** Whether one is placed there to which this path leads. */
  isLed(directory: string, name: string, path: string): boolean {
    const isIt = (slot: number, place: AsleepPlace): boolean =>
      place.path === path && this.isPlaced(slot, place);
    return this.#find(directory, name, isIt) !== undefined;
  }

  #find(
    directory: string,
    name: string,
    isIt: (slot: number, place: AsleepPlace) => boolean,
  ): number | undefined {
    return this.#by_place.find(joinPath(directory, name), (slot) => {
      const place = this.placeAt(slot);
      return place.name === name && place.directory === directory && isIt(slot, place);
    });
  }

  /** The one with this device and inode that is placed. */
  withKey(key: string): number | undefined {
    return this.#by_key.find(key, (slot) => {
      const place = this.placeAt(slot);
      return place.key === key && this.isPlaced(slot, place);
    });
  }

  isPlaced(slot: number, { directory }: Pick<AsleepPlace, "directory">): boolean {
    const there = this.#directories.get(directory);
    return there !== undefined && there.slots.has(slot) && !there.unplaced.has(slot);
  }

  /** Those in a directory without symlinks. */
  in(directory: string): SleepersIn | undefined {
    return this.#directories.get(directory);
  }

  directories(): SleepersIn[] {
    return [...this.#directories.values()];
  }

  /** So many of them. */
  some(count: number): Sleeper[] {
    const some: Sleeper[] = [];
    for (const { slots } of this.#directories.values()) {
      for (const slot of slots) {
        if (some.length === count) return some;
        some.push(this.at(slot));
      }
    }
    return some;
  }
}
