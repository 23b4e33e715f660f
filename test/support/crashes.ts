/**
 * A daemon that is killed again and again while it reads one large file of numbered records: how often each arrived.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { writeConfig } from "./agent-config.ts";
import { Daemon } from "./daemon.ts";
import { seededRandom } from "./random/hostile-lines.ts";
import { Splunk } from "./splunk.ts";
import { temporaryDirectory } from "./temporary.ts";

export interface CrashRun {
  readonly kills: number;
  readonly seed: number;
  /** The file's name. */
  readonly name: string;
  /** How many records it has, numbered from 0 by their member `number`, and the bytes of one. */
  readonly records: number;
  readonly record_bytes: number;
  readonly write: (path: string) => void;
  readonly input: string[];
  readonly chain?: string[];
}

const batch_bytes = 256 * 1024;

/** Fails where a record is missing, or more come twice after a crash than were in flight. */
export async function crashWhileReading(run: CrashRun): Promise<void> {
  const { kills, records, record_bytes, input, chain = [] } = run;
  const random = seededRandom(run.seed);
  const directory = temporaryDirectory();
  const counts = new Map<number, number>();
  const splunk = await Splunk.start({
    read: (body) => {
      for (const [, digits] of body.toString().matchAll(/"number": ?(\d+)/g)) {
        counts.set(Number(digits), (counts.get(Number(digits)) ?? 0) + 1);
      }
      return { events: [], code: 0 };
    },
  });
  splunk.always({ kind: "normal", delay_ms: 20 });
  const path = join(directory, run.name);
  run.write(path);
  const output = ["batch: { max_bytes: 256KiB }", "max_in_flight: 4"];
  const config = writeConfig({ directory, url: splunk.url, paths: [path], chain, input, output });
  let repeats_before = 0;
  const repeatsOf = (): number => [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
  for (let kill = 0; kill < kills; kill += 1) {
    const requests = splunk.requests.length;
    const daemon = await Daemon.start(config);
    await splunk.until(() => splunk.requests.length > requests || !daemon.alive);
    await delay(random() * 150);
    await daemon.crash();
    expect(repeatsOf() - repeats_before).toBeLessThanOrEqual((2 * 8 * batch_bytes) / record_bytes);
    repeats_before = repeatsOf();
  }
  splunk.always({ kind: "normal" });
  const last = await Daemon.start(config);
  await splunk.until(() => counts.size === records || !last.alive);
  expect(await last.stop()).toBe(0);
  expect(last.books.balanced).toBe(true);
  expect(last.books.total).toMatchObject({ received: records, delivered: records, in_flight: 0 });
}
