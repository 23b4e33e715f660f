/**
 * Crashes while many files are written to: the state is a log of changes, which is killed while it is appended to and while it is
 * written as a whole. Nothing may be missing, and what is repeated is bounded by what was in flight.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { StateFile } from "../../../src/ledger/state-file.ts";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { readNumbered, Tally } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const max_in_flight = 4;
/** 16KiB. */
const batch_bytes = 16 * 1024;
/** As in kill.test.ts. */
const in_flight_bytes_max = 2 * (max_in_flight + 4) * batch_bytes;
const event_bytes_min = 900;
const directories = 10;
interface Effort {
  readonly kills: number;
  readonly files: number;
  /** Of the files, so many are written to before each start, and as many again while the agent runs. */
  readonly written_share: number;
}

const name = ({ kills, files }: Effort): string =>
  `kill - ${kills} crashes with ${files} files lose nothing and repeat only what was in flight (seed ${seed})`;

sampled(name, { all: { kills: 30, files: 600, written_share: 0.3 } }, crashes);

// Of so many, those at rest are packed.
sampled(name, { all: { kills: 6, files: 4500, written_share: 0.02 } }, crashes);

function isAppendedTo(state_file: string): boolean {
  return existsSync(state_file) && readFileSync(state_file, "utf8").includes('"end":1,');
}

async function crashes({ kills, files, written_share }: Effort): Promise<void> {
  const random = seededRandom(seed);
  const directory = temporaryDirectory();
  const tally = new Tally(files * (2 * kills + 2));
  let written = 0;
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  splunk.always({ kind: "normal", delay_ms: 10 });
  for (let number = 0; number < directories; number += 1) {
    mkdirSync(join(directory, "logs", `${number}`), { recursive: true });
  }
  const write = (share: number): void => {
    for (let file = 0; file < files; file += 1) {
      if (random() >= share) continue;
      const path = join(directory, "logs", `${file % directories}`, `${file}.log`);
      appendFileSync(path, `${wekaEvent(written)}\n`);
      written += 1;
    }
  };
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [join(directory, "logs", "*", "*.log")],
    output: [`batch: { max_bytes: 16KiB }`, `max_in_flight: ${max_in_flight}`],
  });
  const state_dir = stateDirectory({ directory, url: splunk.url });
  const state_file = join(state_dir, "state.json");
  let repeats_before = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    write(kill === 0 ? 1 : written_share);
    const requests = splunk.requests.length;
    const daemon = await Daemon.start(config);
    expect(daemon.books.balanced).toBe(true);
    write(written_share);
    await splunk.until(() => splunk.requests.length > requests || !daemon.alive);
    // On a busy machine no kill might come after something was appended, so the last one waits for it.
    if (kill === kills - 1) {
      await eventually(() => {
        write(1 / files);
        return isAppendedTo(state_file) || !daemon.alive;
      });
    }
    await delay(random() * 300);
    expect(daemon.alive).toBe(true);
    await daemon.crash();
    const repeats = tally.repeats - repeats_before;
    repeats_before = tally.repeats;
    expect(repeats).toBeLessThanOrEqual(in_flight_bytes_max / event_bytes_min);
  }
  splunk.always({ kind: "normal" });
  const last = await Daemon.start(config);
  await splunk.until(() => tally.distinct === written || !last.alive);
  expect(await last.stop()).toBe(0);
  expect(tally.distinct).toBe(written);
  expect(last.books.balanced).toBe(true);
  expect(last.books.total).toMatchObject({ received: written, delivered: written, in_flight: 0 });
  // By the end it holds each file once.
  expect((await new StateFile(state_dir).read())?.streams).toHaveLength(files);
}
