/**
 * The turns of a compressed file: which of them may be decompressed, and what is known when one has been read to its end.
 */
import { lookAtOpen } from "../discovery/file-access.ts";
import { overlap_bytes_max } from "../files/block-pool.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { Ending } from "../files/losses.ts";
import { OpenContents } from "../unpacking/open-contents.ts";
import { packedOf, type Packed } from "../unpacking/packed.ts";
import type { Unpacked } from "../unpacking/unpacked.ts";
import type { FileReader } from "./file-reader.ts";
import type { Turn } from "./turn.ts";

export class CompressedTurns {
  readonly #reader: FileReader;
  readonly #contents: OpenContents<FollowedFile>;
  /** What a file was when a part of it was found to be damaged. */
  readonly #damaged = new WeakMap<Unpacked, string>();

  constructor(
    reader: FileReader,
    event_bytes_max: number,
    isGoingOn: (file: FollowedFile) => boolean,
  ) {
    this.#reader = reader;
    const pinned_bytes_max = event_bytes_max + overlap_bytes_max;
    this.#contents = new OpenContents({ pinned_bytes_max }, isGoingOn);
  }

  /** Whether others that go on already come first. */
  waits(file: FollowedFile): boolean {
    return !this.#contents.hasRoomFor(file);
  }

  /** Frees what is kept of the file. It would be decompressed from its beginning again. */
  close(file: FollowedFile): void {
    this.#contents.close(file);
  }

  closeAll(): void {
    this.#contents.closeAll();
  }

  /** As FileReader.turn, and where the file has ended says how. */
  async turn(
    file: FollowedFile,
    descriptor: number,
    packed: Packed,
  ): Promise<Turn & { ending?: Ending }> {
    const content = this.#contents.of(file, descriptor, packed.compression);
    const stamp = `${file.packed_size} ${file.identity.mtime_ms}`;
    // What was damaged may have been bytes that were not written yet.
    if (file.finishing && content.end.kind === "damaged" && this.#damaged.get(content) !== stamp) {
      content.retry();
    }
    const turn = await this.#reader.turn(file, content);
    file.packed_read_bytes = content.packed_bytes;
    if (content.end.kind === "damaged") this.#damaged.set(content, stamp);
    if (turn.kind !== "finished") return turn;
    return { ...turn, ending: await endingOf(file, descriptor, content) };
  }
}

async function endingOf(
  { identity, offset: content_bytes }: FollowedFile,
  descriptor: number,
  { compression, end, mismatches }: Unpacked,
): Promise<Ending> {
  const { size } = await lookAtOpen(descriptor);
  const { lost_to = 0 } = identity.packed ?? {};
  const now = { ...(await packedOf(descriptor, compression, size)), content_bytes };
  const is_damaged = end.kind === "damaged";
  const is_counted = lost_to >= size;
  if ((end.kind !== "unfinished" && !is_damaged) || is_counted) {
    return {
      packed: { ...now, lost_to },
      lost_bytes: 0,
      position: size,
      damage: undefined,
      mismatches,
    };
  }
  const position = Math.max(end.packed_bytes, lost_to);
  const lost_bytes = is_damaged ? size - position : end.missing_bytes;
  return {
    packed: { ...now, lost_to: size },
    lost_bytes: Math.max(1, lost_bytes),
    position,
    damage: is_damaged ? "damaged" : "truncated",
    mismatches,
  };
}
