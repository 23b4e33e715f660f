/**
 * The keys that the objects in one place of the records usually have, in order.
 *
 * Audit records repeat their keys. One that is where it was before is recognised by comparing a few
 * words: no scan for its end, no search among the wanted paths, however many those are. What is learned
 * are bytes that were valid once and what they led to, so recognising them proves as much again.
 */
import type { PathState } from "./path-state.ts";

/** Keys learned before all learning starts again, so that random keys cannot fill the memory. */
const keys_max = 4096;
/** Keys of one place, and keys learned during one scan: a hostile record must not make it slow. */
const keys_per_track_max = 64;
const keys_per_scan_max = 64;
const key_bytes_max = 80;
const inner_roots_max = 16;
const key_bytes_min = 4;
/** After so many keys that were not expected, a place is learned again. */
const misses_max = 512;

/** `"key":` with the white space in it, up to where its value starts. */
export class KnownKey {
  readonly length: number;
  /** The first four bytes and the last, which may overlap; most other keys differ in one of them. */
  readonly #head: number;
  readonly #tail: number;
  readonly #words: Int32Array;
  /** Where the key leads. */
  readonly child: PathState;
  /** What is known of the objects under the key. */
  readonly track: KeyTrack;
  /** The key that is expected after it. */
  next: KnownKey | undefined = undefined;

  constructor(bytes: Buffer, child: PathState, track: KeyTrack) {
    this.length = bytes.length;
    this.#words = new Int32Array((bytes.length - 1) >> 2);
    for (let at = 0; at < this.#words.length; at += 1) {
      this.#words[at] = bytes.readInt32LE(at * 4);
    }
    this.#tail = bytes.readInt32LE(bytes.length - 4);
    this.#head = bytes.readInt32LE(0);
    this.child = child;
    this.track = track;
  }

  /** Whether it is at `at`, and a byte of its value before `end`. */
  isAt(view: DataView, at: number, end: number): boolean {
    const tail_at = at + this.length - 4;
    if (tail_at + 4 >= end || view.getInt32(tail_at, true) !== this.#tail) return false;
    if (view.getInt32(at, true) !== this.#head) return false;
    const words = this.#words;
    for (let word = 1; word < words.length; word += 1) {
      if (view.getInt32(at + word * 4, true) !== words[word]) return false;
    }
    return true;
  }
}

/** What is known of the objects in one place. */
export class KeyTrack {
  /** The first key that is expected. */
  first: KnownKey | undefined = undefined;
  readonly #tracks: KeyTracks;
  readonly #learns: boolean;
  #last: KnownKey | undefined = undefined;
  /** All of them, also those that stand where another was expected, by their hashes. */
  #keys: Map<number, KnownKey> | undefined = undefined;
  #misses = 0;
  #items: KeyTrack | undefined = undefined;

  constructor(tracks: KeyTracks, learns: boolean) {
    this.#tracks = tracks;
    this.#learns = learns;
  }

  /** For the objects in an array in this place. */
  get items(): KeyTrack {
    if (!this.#learns) return this;
    return (this.#items ??= new KeyTrack(this.#tracks, true));
  }

  /** The known key `bytes[at, key_end)`, quotes included, that stands where another was expected. */
  find(view: DataView, at: number, key_end: number, end: number): KnownKey | undefined {
    if (this.#keys === undefined || key_end - at < key_bytes_min) return undefined;
    const key = this.#keys.get(hashOf(view, at, key_end));
    return key?.isAt(view, at, end) === true ? key : undefined;
  }

  /** Counts a key that is not known; says whether it is to be learned. */
  misses(): boolean {
    if (!this.#learns) return false;
    this.#misses += 1;
    if (this.#misses > misses_max) {
      this.first = undefined;
      this.#last = undefined;
      this.#keys = undefined;
      this.#misses = 0;
      return false;
    }
    return (this.#keys?.size ?? 0) < keys_per_track_max && this.#tracks.hasRoom();
  }

  /** Keeps the key in `bytes`, which led to `child`: as the last one, or before the one that was expected in its place. */
  learn(bytes: Buffer, child: PathState, expected: KnownKey | undefined): void {
    const key_end = bytes.lastIndexOf(0x22) + 1;
    if (key_end < key_bytes_min || bytes.length > key_bytes_max) return;
    const hash = hashOf(viewOf(bytes), 0, key_end);
    const keys = (this.#keys ??= new Map<number, KnownKey>());
    if (keys.has(hash)) return;
    const key = new KnownKey(bytes, child, new KeyTrack(this.#tracks, true));
    keys.set(hash, key);
    this.#tracks.count();
    if (expected !== undefined) key.next = expected;
    else {
      if (this.#last === undefined) this.first = key;
      else this.#last.next = key;
      this.#last = key;
    }
  }
}

/** Of a key's length, its first four bytes and its last: known keys that have the same are compared in whole. */
function hashOf(view: DataView, at: number, end: number): number {
  const ends = view.getInt32(at, true) ^ Math.imul(view.getInt32(end - 4, true), 0x9e3779b1);
  return ends ^ (end - at);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** All that one walker has learned. */
export class KeyTracks {
  /** For the record itself. */
  root = new KeyTrack(this, true);
  /** For places that are not worth knowing, such as those under an unexpected key. */
  readonly none = new KeyTrack(this, false);
  /** For records that are inside others, by what is wanted of them. */
  readonly #inner = new Map<PathState, KeyTrack>();
  #keys = 0;
  #keys_in_scan = 0;

  /** To be called before each scan. */
  start(): void {
    this.#keys_in_scan = 0;
    if (this.#keys < keys_max) return;
    this.#keys = 0;
    this.root = new KeyTrack(this, true);
    this.#inner.clear();
  }

  /** For a record of which other things are wanted than of all. */
  rootOf(state: PathState): KeyTrack {
    const known = this.#inner.get(state);
    if (known !== undefined) return known;
    if (this.#inner.size >= inner_roots_max) return this.none;
    const track = new KeyTrack(this, true);
    this.#inner.set(state, track);
    return track;
  }

  hasRoom(): boolean {
    return this.#keys < keys_max && this.#keys_in_scan < keys_per_scan_max;
  }

  count(): void {
    this.#keys += 1;
    this.#keys_in_scan += 1;
  }
}
