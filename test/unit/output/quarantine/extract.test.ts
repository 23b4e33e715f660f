/** Taking lines out of the quarantine's files: what is selected goes, all else stays byte for byte, whatever is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Gaps } from "../../../../src/ledger/gaps.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { Selection } from "../../../../src/output/quarantine/selection.ts";
import {
  bookRemoved,
  recoverExtraction,
  extract,
  type Extracted,
} from "../../../../src/output/quarantine/extract.ts";
import { readSnapshot } from "../../../../src/output/quarantine/snapshot.ts";
import { long, sampledCases } from "../../../support/effort.ts";
import {
  linesLeft,
  linesToReplay,
  quarantineLine,
  writeQuarantine,
} from "../../../support/quarantine/quarantine-lines.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const purge = (directory: string, selection: Selection): Promise<Extracted> =>
  extract(directory, { action: "purge", selection, with_masked: false });
const replay = (directory: string, selection: Selection, with_masked = false): Promise<Extracted> =>
  extract(directory, { action: "replay", selection, with_masked });

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) =>
    quarantineLine(from + at, { input: (from + at) % 2 === 0 ? "even" : "odd" }),
  );
}

function twoFiles(): string {
  const directory = join(temporaryDirectory(), "quarantine");
  writeQuarantine(directory, {
    "quarantine.jsonl.1": numbered(0, 10),
    "quarantine.jsonl": numbered(10, 20),
  });
  return directory;
}

function isOdd(line: string): boolean {
  return line.includes('"input":"odd"');
}

describe("what is selected", () => {
  test("extract - purge removes it, counts it by input, and leaves the rest as it is", async () => {
    const directory = twoFiles();
    const all = linesLeft(directory);
    const done = await purge(directory, { input: "odd" });
    expect(done).toMatchObject({ events: 10, events_by_input: { odd: 10 } });
    expect(done.bytes).toBe(all.filter(isOdd).join("\n").length + 1);
    expect(linesLeft(directory)).toEqual(all.filter((line) => !isOdd(line)));
    expect(statSync(join(directory, "quarantine.jsonl")).mode & 0o777).toBe(0o600);
    expect(linesToReplay(directory)).toEqual([]);
  });

  test("extract - replay moves it, a file for each input, in order", async () => {
    const directory = twoFiles();
    const all = linesLeft(directory);
    const done = await replay(directory, { since_ms: 1_742_539_047_005 });
    expect(done).toMatchObject({ events: 15, events_by_input: { odd: 8, even: 7 } });
    expect(linesLeft(directory)).toEqual(all.slice(0, 5));
    expect(linesToReplay(directory, "odd")).toEqual(all.slice(5).filter(isOdd));
    expect(linesToReplay(directory, "even")).toEqual(all.slice(5).filter((line) => !isOdd(line)));
    const [part] = readdirSync(join(directory, "replay"));
    expect(statSync(join(directory, "replay", part!, "odd.jsonl")).mode & 0o777).toBe(0o600);
  });

  test("extract - an input may be called as what every object has", async () => {
    const directory = join(temporaryDirectory(), "quarantine");
    const input = "constructor";
    writeQuarantine(directory, { "quarantine.jsonl": [quarantineLine(1, { input })] });
    const done = await purge(directory, { input });
    expect(done.events_by_input).toEqual({ constructor: 1 });
    const ledger = new Ledger();
    bookRemoved(ledger, "quarantine_purged", done);
    const gaps = new Gaps({});
    expect(gaps.take(ledger.books(), 0, 0, true)).toMatchObject([{ input, count: 1 }]);
  });

  test("extract - ids, reason, input and times must all fit", async () => {
    const directory = join(temporaryDirectory(), "quarantine");
    const lines = [
      quarantineLine(1),
      quarantineLine(2, { reason: "other" }),
      quarantineLine(3, { input: "web" }),
      quarantineLine(4),
    ];
    writeQuarantine(directory, { "quarantine.jsonl": lines });
    const ids: string[] = [];
    for await (const { id } of readSnapshot(directory)) ids.push(id);
    expect(new Set(ids).size).toBe(4);
    const time_ms = 1_742_539_047_000;
    const selection = { ids, input: "audit", reason: "unreadable", since_ms: time_ms + 2 };
    expect(await purge(directory, selection)).toMatchObject({ events: 1 });
    expect(linesLeft(directory)).toEqual(lines.slice(0, 3));
    expect(await purge(directory, { before_ms: time_ms + 2 })).toMatchObject({ events: 1 });
    expect(linesLeft(directory)).toEqual(lines.slice(1, 3));
    expect(await purge(directory, { ids: [ids[2]!] })).toMatchObject({ events: 1 });
    expect(linesLeft(directory)).toEqual([lines[1]]);
  });

  test("extract - a file of which all goes is removed, one of which nothing goes is not touched", async () => {
    const directory = twoFiles();
    const { ino } = statSync(join(directory, "quarantine.jsonl"));
    await purge(directory, { before_ms: 1_742_539_047_010 });
    expect(existsSync(join(directory, "quarantine.jsonl.1"))).toBe(false);
    expect(statSync(join(directory, "quarantine.jsonl")).ino).toBe(ino);
  });

  test("extract - damaged lines stay, but for those that are asked for; so does a line that is cut short", async () => {
    const directory = join(temporaryDirectory(), "quarantine");
    const lines = [quarantineLine(1), '{"time":"cut', "", quarantineLine(2)];
    writeQuarantine(directory, { "quarantine.jsonl": lines });
    appendFileSync(join(directory, "quarantine.jsonl"), '{"time":"20');
    expect(await purge(directory, {})).toMatchObject({ events: 2 });
    expect(readFileSync(join(directory, "quarantine.jsonl"), "utf8")).toBe(
      '{"time":"cut\n\n{"time":"20',
    );
    expect(await replay(directory, { damaged: true })).toMatchObject({ left: { no_text: 2 } });
    await purge(directory, { damaged: true });
    expect(linesLeft(directory)).toEqual(['{"time":"20']);
  });

  test("extract - what is masked is replayed only where that is wanted, and never what has no text", async () => {
    const directory = join(temporaryDirectory(), "quarantine");
    const { masked: _, ...older } = JSON.parse(quarantineLine(4)) as Record<string, unknown>;
    const lines = [
      quarantineLine(1, { masked: true }),
      quarantineLine(2),
      `${quarantineLine(3).slice(0, -'"event 3"}'.length)}null}`,
      JSON.stringify(older),
    ];
    writeQuarantine(directory, { "quarantine.jsonl": lines });
    expect(await replay(directory, {})).toMatchObject({
      events: 1,
      left: { masked: 2, no_text: 1 },
    });
    expect(linesToReplay(directory)).toEqual([lines[1]]);
    expect(await replay(directory, {}, true)).toMatchObject({ events: 2, left: { no_text: 1 } });
    expect(linesLeft(directory)).toEqual([lines[2]]);
  });

  test("extract - lines longer than anything that is read at once are moved whole, and told apart", async () => {
    const directory = join(temporaryDirectory(), "quarantine");
    const longer = (number: number): string =>
      quarantineLine(number, { text: `${'é"x'.repeat(700_000)}${number}` });
    const lines = [longer(1), quarantineLine(2), longer(3), longer(4)];
    writeQuarantine(directory, { "quarantine.jsonl": lines });
    const ids: string[] = [];
    for await (const { id } of readSnapshot(directory)) ids.push(id);
    expect(await replay(directory, { ids: [ids[2]!, ids[1]!] })).toMatchObject({ events: 2 });
    expect(linesToReplay(directory)).toEqual([lines[1], lines[2]]);
    expect(linesLeft(directory)).toEqual([lines[0], lines[3]]);
  });

  test("extract - what an event says about text and metadata is not taken for the line's own", async () => {
    const directory = join(temporaryDirectory(), "quarantine");
    const stream = '/var/log/,"text":null}/,"metadata":{.log';
    const line = quarantineLine(1, { stream, text: ',"text":null}' });
    writeQuarantine(directory, { "quarantine.jsonl": [line] });
    for await (const { details, replayable } of readSnapshot(directory)) {
      expect(details).toMatchObject({ stream });
      expect(replayable).toBe("whole");
    }
    expect(await replay(directory, {})).toMatchObject({ events: 1 });
  });

  test("extract - where it cannot write, nothing is lost, and it says why", async () => {
    const directory = twoFiles();
    const all = linesLeft(directory);
    writeFileSync(join(directory, "replay"), "");
    const done = await replay(directory, {});
    expect(done.events).toBe(0);
    expect(done.trouble).toContain("replay");
    expect(linesLeft(directory)).toEqual(all);
    expect(readdirSync(directory).toSorted()).toEqual([
      "quarantine.jsonl",
      "quarantine.jsonl.1",
      "replay",
    ]);
  });

  test("extract - what was purged is in the books, and they balance", async () => {
    const directory = twoFiles();
    const ledger = new Ledger();
    bookRemoved(ledger, "quarantine_purged", await purge(directory, {}));
    const { inputs, total, balanced } = ledger.books();
    expect(inputs["odd"]!.quarantine_removed).toEqual({ quarantine_purged: 10 });
    expect(total).toMatchObject({ quarantine_removed: 20 });
    expect(balanced).toBe(true);
    const restored = new Ledger(ledger.snapshot().state);
    expect(restored.books().total).toMatchObject({ quarantine_removed: 20 });
  });
});

describe("after a crash", () => {
  test("extract - before the lines were gone from their file, the part goes", async () => {
    const directory = twoFiles();
    const all = linesLeft(directory);
    await replay(directory, { input: "odd" });
    const replay_directory = join(directory, "replay");
    const part = readdirSync(replay_directory).toSorted().at(-1)!;
    const moving = `${part}.quarantine.jsonl.moving`;
    renameSync(join(replay_directory, part), join(replay_directory, moving));
    writeQuarantine(directory, {
      "quarantine.jsonl": all.slice(10),
      "quarantine.jsonl.new": ["x"],
    });
    await recoverExtraction(directory);
    expect(linesToReplay(directory)).toEqual(all.slice(0, 10).filter(isOdd));
    expect(linesLeft(directory).slice(5)).toEqual(all.slice(10));
    expect(readdirSync(directory)).not.toContain("quarantine.jsonl.new");
    expect(readdirSync(replay_directory)).toHaveLength(1);
  });

  test("extract - after the lines were gone from their file, the part is replayed", async () => {
    const directory = twoFiles();
    const all = linesLeft(directory);
    await replay(directory, { input: "odd" });
    const replay_directory = join(directory, "replay");
    const part = readdirSync(replay_directory).toSorted().at(-1)!;
    const moving = `${part}.quarantine.jsonl.moving`;
    renameSync(join(replay_directory, part), join(replay_directory, moving));
    expect(linesToReplay(directory)).toHaveLength(5);
    await recoverExtraction(directory);
    expect(linesToReplay(directory)).toEqual(all.filter(isOdd));
  });

  test(
    "extract - killed at any moment, each event is either in quarantine or to be replayed, once",
    long,
    async () => {
      const master = join(temporaryDirectory(), "quarantine");
      const filler = "x".repeat(400);
      const lines = Array.from({ length: 9000 }, (_, number) =>
        quarantineLine(number, {
          input: number % 2 === 0 ? "even" : "odd",
          text: `${number}${filler}`,
        }),
      );
      writeQuarantine(master, {
        "quarantine.jsonl.2": lines.slice(0, 3000),
        "quarantine.jsonl.1": lines.slice(3000, 6000),
        "quarantine.jsonl": lines.slice(6000),
      });
      const script = new URL("../../../support/quarantine/quarantine-extractor.ts", import.meta.url)
        .pathname;
      for (const delay_ms of sampledCases([15, 0, 80, 40, 150], 3)) {
        const directory = join(temporaryDirectory(), "quarantine");
        mkdirSync(directory);
        chmodSync(directory, 0o700);
        cpSync(master, directory, { recursive: true });
        const child = spawn(process.execPath, [script, directory]);
        await once(child.stdout, "data");
        await new Promise((resolve) => setTimeout(resolve, delay_ms));
        child.kill("SIGKILL");
        await once(child, "close");
        await recoverExtraction(directory);
        const left = linesLeft(directory);
        const moved = linesToReplay(directory);
        expect(moved.every(isOdd)).toBe(true);
        expect(left.length + moved.length).toBe(lines.length);
        expect(new Set([...left, ...moved])).toEqual(new Set(lines));
      }
    },
  );
});

test.each([
  ["in the text", /event/],
  ["in the text, behind a brace", /\\"\}/],
  ["behind the metadata", /"audit"\}(?=,"text")/],
  ["in the metadata", /"host":"web/],
])(
  "extract - a line that a crash has cut %s is no event, and holds up no other",
  async (_, cut) => {
    const directory = join(temporaryDirectory(), "quarantine");
    const whole = quarantineLine(1, { text: '{"event":{"a":"\\\\"},"b":[{}]}' });
    const { 0: last, index } = cut.exec(whole)!;
    const torn = whole.slice(0, index + last.length);
    const lines = [quarantineLine(0), torn, quarantineLine(2), whole];
    writeQuarantine(directory, { "quarantine.jsonl": lines });
    const done = await replay(directory, {});
    expect(done).toMatchObject({ events: 3, events_by_input: { audit: 3 } });
    expect(linesToReplay(directory)).toEqual([lines[0], lines[2], whole]);
    expect(linesLeft(directory)).toEqual([torn]);
    expect(await purge(directory, { damaged: true })).toMatchObject({ events_by_input: {} });
  },
);

test("extract - a line that is damaged inside is not replayed, where it would hold up all behind it", async () => {
  const directory = join(temporaryDirectory(), "quarantine");
  const damaged = quarantineLine(1).replace('"host"', '"ho');
  const longer = quarantineLine(3, { text: "x".repeat(3_000_000) });
  const lines = [quarantineLine(0), damaged, quarantineLine(2), longer];
  writeQuarantine(directory, { "quarantine.jsonl": lines });
  const done = await replay(directory, {});
  expect(done).toMatchObject({ events: 3, left: { no_text: 1 } });
  expect(linesToReplay(directory)).toEqual([lines[0], lines[2], longer]);
  expect(linesLeft(directory)).toEqual([damaged]);
});
