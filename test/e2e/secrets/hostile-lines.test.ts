/**
 * Hostile input: thousands of mutated and random lines among good ones. The process stays up, every good event arrives,
 * and every bad line is in quarantine with its reason and its position.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled } from "../../support/effort.ts";
import { hostileLine, isJson, seededRandom } from "../../support/random/hostile-lines.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Good events have numbers from here on, so that a mutated one is not taken for one of them. */
const good_from = 10_000_000;

interface QuarantineLine {
  offset: number;
  reason: string;
  detail: string;
  text: string;
}

const name = (hostile: number): string =>
  `hostile lines - beside ${hostile} of them all good events arrive, all bad ones are in quarantine (seed ${seed})`;

sampled(name, { sample: 300, all: 10_000 }, async (hostile) => {
  const random = seededRandom(seed);
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  const pieces: Buffer[] = [];
  const bad_offsets = new Set<number>();
  let offset = 0;
  const append = (line: Buffer): void => {
    pieces.push(line, Buffer.from("\n"));
    offset += line.length + 1;
  };
  let mutated_json = 0;
  for (let number = 0; number < hostile; number += 1) {
    const line = hostileLine(number, random);
    if (isJson(line)) mutated_json += 1;
    else bad_offsets.add(offset);
    append(line);
    append(Buffer.from(wekaEvent(good_from + number)));
  }
  writeFileSync(path, Buffer.concat(pieces));
  const config = { directory, url: splunk.url, paths: [path], chain: [redact] };
  const daemon = await Daemon.start(writeConfig(config));
  await splunk.until(() => splunk.indexed.length >= hostile + mutated_json || !daemon.alive);
  expect(await daemon.stop()).toBe(0);

  const arrived = new Set(splunk.events);
  const masked = (number: number): string =>
    wekaEvent(good_from + number).replace(
      /"Authorization":"[^"]*"/,
      '"Authorization":"[REDACTED]"',
    );
  const missing = Array.from({ length: hostile }, (_unused, number) => masked(number)).filter(
    (event) => !arrived.has(event),
  );
  expect(missing).toEqual([]);
  expect(splunk.indexed).toHaveLength(hostile + mutated_json);

  const file = join(stateDirectory(config), "quarantine", "quarantine.jsonl");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const lines = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as QuarantineLine);
  expect(new Set(lines.map((line) => line.offset))).toEqual(bad_offsets);
  expect(lines).toHaveLength(bad_offsets.size);
  for (const line of lines) {
    expect(line.reason).toMatch(/unreadable/);
    expect(line.detail).toMatch(/byte \d+/);
  }
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({
    received: 2 * hostile,
    delivered: hostile + mutated_json,
    quarantined: bad_offsets.size,
    dropped: 0,
    in_flight: 0,
  });
});
