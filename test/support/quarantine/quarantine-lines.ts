/** Lines of a quarantine, written straight to its files, and what is there after something was taken out. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { QuarantineRecord } from "../../../src/output/quarantine/record.ts";

/** One line, without its line feed. */
export function quarantineLine(number: number, facts: Partial<QuarantineRecord> = {}): string {
  const { metadata, text, ...others } = facts;
  // In the order in which they are written.
  const record: QuarantineRecord = {
    time: new Date(1_742_539_047_000 + number).toISOString(),
    input: "audit",
    stream: "/var/log/audit.log",
    offset: number * 100,
    reason: "unreadable",
    original_bytes: 10,
    sha256: "00",
    masked: false,
    ...others,
    metadata: metadata ?? { time: "1742539047.5", host: "web-1", index: "audit" },
    text: text === undefined ? `event ${number}` : text,
  };
  return JSON.stringify(record);
}

/** Writes the lines of each file, by its name. */
export function writeQuarantine(directory: string, files: Record<string, string[]>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, lines] of Object.entries(files)) {
    writeFileSync(join(directory, name), lines.map((line) => `${line}\n`).join(""), {
      mode: 0o600,
    });
  }
}

/** The lines in quarantine, the oldest first. */
export function linesLeft(directory: string): string[] {
  const names = [
    "quarantine.jsonl.3",
    "quarantine.jsonl.2",
    "quarantine.jsonl.1",
    "quarantine.jsonl",
  ];
  return names.flatMap((name) => linesIn(join(directory, name)));
}

/** The lines that wait to be replayed, of all inputs or one, in order. */
export function linesToReplay(directory: string, input?: string): string[] {
  const replay = join(directory, "replay");
  if (!existsSync(replay)) return [];
  return readdirSync(replay)
    .filter((name) => !name.endsWith(".moving"))
    .toSorted()
    .flatMap((part) =>
      readdirSync(join(replay, part))
        .filter((file) => input === undefined || file === `${input}.jsonl`)
        .flatMap((file) => linesIn(join(replay, part, file))),
    );
}

function linesIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
