/**
 * Random walks over configurations, by seeds: inputs of all types, chains and outputs come, change and go, through outages
 * of every kind and kills, while writers go on. Every event that was given for good is counted in the end.
 */
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { writeConfig } from "../../support/agent-config.ts";
import { Tally, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled, sampledCases } from "../../support/effort.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { RandomSource } from "../../support/random/random-source.ts";
import {
  archives,
  configurationOf,
  lineSocket,
  rotated,
  still,
  type WalkPlaces,
} from "../../support/random/reload-walk.ts";
import { seed } from "../../support/seed.ts";
import { busy, Splunk, type Behaviour } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** In every third the daemon is killed now and then; then what was in flight may come twice. */
const seeds = sampledCases([3 * seed + 3, 3 * seed + 1], 2);
const efforts = {
  sample: { rounds: 3, share: 1100 },
  all: { rounds: 30, share: 6000 },
};
const key = '"requestID":"';

const outages: readonly Behaviour[] = [
  { kind: "normal" },
  { kind: "normal", delay_ms: 200 },
  { kind: "answer", status: 503, body: busy },
  { kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' },
  {
    kind: "answer",
    status: 400,
    body: '{"text":"Incorrect index","code":7,"invalid-event-number":0}',
  },
  { kind: "hang" },
  { kind: "reset", when: "before_body" },
];

function numbersIn(bytes: Buffer, found: (number: number) => void): void {
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
    const from = at + key.length;
    found(Number.parseInt(bytes.toString("latin1", from, from + 16), 16));
  }
}

function textOf(from: number, to: number): string {
  let text = "";
  for (let number = from; number < to; number += 1) text += `${wekaEvent(number)}\n`;
  return text;
}

/** Posts until a 200 comes. Says whether one may have been taken without that being known. */
async function post(port: number, body: string, isOver: () => boolean): Promise<boolean> {
  let doubted = false;
  for (;;) {
    const answer = await new Promise<number | string>((resolve) => {
      const headers = { authorization: "Splunk abcdefgh" };
      const path = "/services/collector/raw";
      const asked = request({ port, host: "127.0.0.1", method: "POST", path, headers }, (got) => {
        got.resume();
        resolve(got.statusCode!);
      });
      asked.on("error", (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message));
      asked.end(body);
    });
    if (answer === 200 || isOver()) return doubted;
    if (answer !== "ECONNREFUSED" && typeof answer === "string") doubted = true;
    await delay(20);
  }
}

describe.each(seeds)("seed %i", (walk_seed) => {
  const walk = `reload - a random walk loses and repeats nothing, seed ${walk_seed}`;
  // A share is what each way in gets.
  sampled(walk, efforts, async ({ rounds, share }) => {
    const [files, stills, lines, posts] = [0, share, 2 * share, 3 * share];
    const total = 4 * share;
    const random = new RandomSource(walk_seed);
    const kills = walk_seed % 3 === 0;
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "logs"));
    mkdirSync(archives(directory));
    const tally = new Tally(total);
    const read = (body: Buffer) => {
      numbersIn(body, (number) => tally.add(number));
      return { events: [], code: 0 as const };
    };
    const splunks = [
      await Splunk.start({ read }),
      await Splunk.start({ read, ack: true }),
    ] as const;
    splunks[1].index_after_ms = 500;
    const places: WalkPlaces = {
      directory,
      urls: [splunks[0].url, splunks[1].url],
      hec_port: await freePort(),
    };
    const write = (is_last = false): string =>
      writeConfig(configurationOf(random, places, is_last));
    writeFileSync(rotated(directory), "");
    writeEvents(still(directory), stills, lines);
    let daemon = await Daemon.start(write(true));
    const doubted = new Set<number>();
    let alive = true;
    const isOver = () => !alive;

    const writing = (async () => {
      for (let number = files; number < stills && existsSync(directory); number += 100) {
        appendFileSync(rotated(directory), textOf(number, number + 100));
        if (number % 900 === 0) {
          renameSync(rotated(directory), `${rotated(directory)}.${number}`);
          writeFileSync(rotated(directory), "");
        }
        await delay(60);
      }
    })();
    const sending = (async () => {
      // A kill takes what it had not accepted, and nobody is told.
      if (kills) return;
      for (let number = lines; number < posts;) {
        const client = connect(lineSocket(directory));
        const error = await new Promise((resolve) => {
          client.once("connect", () => resolve(undefined)).on("error", resolve);
        });
        if (error !== undefined) {
          await delay(20);
          continue;
        }
        for (let times = 0; times < 10 && number < posts; times += 1, number += 50) {
          const text = textOf(number, number + 50);
          client.write(text.slice(0, 1000));
          await delay(20);
          client.write(text.slice(1000));
        }
        // It is closed when all of it is kept, and not before.
        expect(client.destroyed).toBe(false);
        client.end().resume();
        await once(client, "close");
      }
    })();
    const posting = Promise.all(
      [0, 1, 2].map(async (offset) => {
        for (let number = posts + offset * 50; number < total; number += 150) {
          const was_doubted = await post(places.hec_port, textOf(number, number + 50), isOver);
          if (was_doubted) for (let each = 0; each < 50; each += 1) doubted.add(number + each);
          await delay(50);
        }
      }),
    );

    for (let round = 0; round < rounds; round += 1) {
      if (random.chance(0.3)) {
        for (const splunk of splunks) splunk.always(random.one(outages));
        const behaviour = random.one(outages);
        if (random.chance(0.5)) for (const splunk of splunks) splunk.always(behaviour);
      }
      const file = write();
      if (random.chance(0.15)) {
        const text = readFileSync(file, "utf8");
        writeFileSync(file, `${text}\nno_such: 1`);
        expect(await daemon.reload()).toMatchObject({ error_code: "config_invalid" });
        writeFileSync(file, text);
      }
      const outcome = await daemon.reload();
      expect(outcome, JSON.stringify(outcome)).toMatchObject({ code: "reloaded" });
      if (kills && random.chance(0.15)) {
        await delay(random.between(0, 100));
        await daemon.crash();
        daemon = await Daemon.start(file);
      }
      await delay(random.between(0, 300));
    }
    for (const splunk of splunks) splunk.always({ kind: "normal" });
    write(true);
    expect((await daemon.reload()).code).toBe("reloaded");
    await Promise.all([writing, sending, posting]);
    const counted = new Tally(total);
    const isExpected = (number: number): boolean => !kills || number < lines || number >= posts;
    const look = (): number[] => {
      counted.counts.set(tally.counts);
      for (const name of readdirSync(archives(directory))) {
        numbersIn(readFileSync(join(archives(directory), name)), (number) => counted.add(number));
      }
      return counted.missing(isExpected);
    };
    await splunks[0].until(() => {
      for (const node of splunks[1].nodes) node.advance();
      return look().length === 0;
    });
    alive = false;
    const status = await daemon.stop();
    const missing = look();
    const repeated = [...counted.counts.keys()].filter(
      (number) => counted.counts[number]! > 1 && !doubted.has(number),
    );
    expect(missing).toEqual([]);
    if (!kills) expect(repeated).toEqual([]);
    expect(status).toBe(0);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total.in_flight).toBe(0);
  });
});
