/** A followed file of which nothing was read yet, by itself. */
import { basename, dirname } from "node:path";
import { lookAt } from "../../../src/inputs/file/discovery/file-access.ts";
import type { FollowedFile } from "../../../src/inputs/file/files/followed-file.ts";
import { fingerprintOf } from "../../../src/inputs/file/files/identity.ts";
import { OwnStreams } from "../../../src/inputs/file/files/own-streams.ts";
import { Roster } from "../../../src/inputs/file/files/roster.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { systemClock } from "../../../src/platform/clock.ts";

/** Follows the file at a path, from its beginning. */
export async function followedFile(path: string): Promise<FollowedFile> {
  const streams = new OwnStreams("files", new Ledger());
  const roster = new Roster("files", streams, systemClock, { metadata: {} });
  const name = basename(path);
  const found = { path, directory: dirname(path), name, look: await lookAt(path) };
  const head = Buffer.alloc(0);
  const checkpoint = { offset: 0, tail: fingerprintOf(head) };
  return roster.create(found, name, { head, checkpoint });
}
