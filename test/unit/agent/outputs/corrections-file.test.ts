/** What is kept of corrected indexes: a later run corrects as the former one did, and takes nothing from a file that is not its own. */
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  indexes_max,
  readCorrections,
  writeCorrections,
} from "../../../../src/agent/outputs/corrections-file.ts";
import { IndexCorrections } from "../../../../src/agent/outputs/index-corrections.ts";
import { state_names } from "../../../../src/platform/files/state-names.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const now_ms = 1_742_539_047_915;
const named = (index: string | undefined) => new Map([["audit", index]]);

/** What was corrected from `wrong`, and from the token's default index before. */
function corrected(): IndexCorrections {
  const corrections = new IndexCorrections();
  const options = (index?: string) => ({ refused: new Set([index]), now_ms });
  corrections.reload(named(undefined), named("wrong"), options());
  corrections.reload(named("wrong"), named("right"), options("wrong"));
  return corrections;
}

const last = [named(undefined), new Set([undefined, "other"])] as const;

test("corrections file - gives what was written, the token's default index too", async () => {
  const directory = temporaryDirectory();
  for (const kept of [corrected().kept(named("right"), new Set()), corrected().kept(...last)]) {
    await writeCorrections(directory, kept);
    expect(await readCorrections(directory)).toEqual(JSON.parse(JSON.stringify(kept)));
  }
});

test("corrections file - one that is not there, torn at any byte, foreign or no file is none", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, state_names.index_corrections);
  expect(await readCorrections(directory)).toBeUndefined();
  await writeCorrections(directory, corrected().kept(...last));
  const whole = readFileSync(file);
  for (let length = whole.length - 1; length >= 0; length -= 1) {
    truncateSync(file, length);
    expect(await readCorrections(directory), `${length} bytes`).toBeUndefined();
  }
  const kept = corrected().kept(...last);
  const foreign = [
    "null",
    "[]",
    "{}",
    JSON.stringify({ ...kept, version: 2 }),
    JSON.stringify({ ...kept, former: { audit: "wrong" } }),
    JSON.stringify({
      ...kept,
      former: { audit: Array(indexes_max + 1).fill(kept.former["audit"]![0]) },
    }),
    JSON.stringify({ ...kept, corrections: { audit: [{ index: "wrong" }] } }),
    JSON.stringify({ ...kept, last: { named: {} } }),
    JSON.stringify({ ...kept, last: undefined }),
  ];
  for (const text of foreign) {
    writeFileSync(file, text);
    expect(await readCorrections(directory), text).toBeUndefined();
  }
  const other = temporaryDirectory();
  writeFileSync(join(other, "theirs"), whole);
  symlinkSync(join(other, "theirs"), join(other, state_names.index_corrections));
  expect(await readCorrections(other)).toBeUndefined();
  const third = temporaryDirectory();
  mkdirSync(join(third, state_names.index_corrections));
  expect(await readCorrections(third)).toBeUndefined();
});

test("corrections file - however often an index is renamed, it can be read again, and keeps the last names", async () => {
  const corrections = new IndexCorrections();
  for (let number = 0; number <= 2 * indexes_max; number += 1) {
    const refused = new Set([`i${number}`]);
    corrections.reload(named(`i${number}`), named(`i${number + 1}`), { refused, now_ms });
  }
  const directory = temporaryDirectory();
  await writeCorrections(directory, corrections.kept(...last));
  const { former } = (await readCorrections(directory))!;
  expect(former["audit"]).toHaveLength(indexes_max);
  expect(former["audit"]!.at(-1)).toEqual({ index: `i${2 * indexes_max}`, until_ms: now_ms });
});
