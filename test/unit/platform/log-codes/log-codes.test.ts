/** The codes of the log: each is declared once, and used as it is declared. */
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Logger, silentLogger } from "../../../../src/platform/log.ts";
import type { LogCodeTable } from "../../../../src/platform/log-codes/log-code.ts";
import { log_codes_by_part } from "../../../../src/platform/log-codes/log-codes.ts";
import { CollectedLog } from "../../../support/collected-log.ts";

const tables: LogCodeTable[] = Object.values(log_codes_by_part);
const declared = tables.flatMap((table) => Object.keys(table));

/** The code of a call of the log, or of a line that is chosen before it is logged. */
const use = /(?:\blog\.|#log\.|logger\.)(debug|info|warn|error)\(\s*(?:"(\w+)"|(\w+))/g;
const chosen = /\bcode: "(\w+)"/g;

const sources = globSync("src/**/*.ts").filter((file) => !file.includes("/log-codes/"));
const text = sources.map((file) => readFileSync(file, "utf8")).join("\n");

describe("log codes", () => {
  test("log codes - are snake case, and each is in one part only", () => {
    expect(declared.filter((code) => !/^[a-z]+(_[a-z0-9]+)*$/.test(code))).toEqual([]);
    expect(declared.toSorted()).toEqual([...new Set(declared)].toSorted());
  });

  test("log codes - each is logged somewhere", () => {
    const calls = [...text.matchAll(use)].flatMap(([, , code]) => code ?? []);
    const lines = [...text.matchAll(chosen)].flatMap(([, code]) => code ?? []);
    // The books are logged under two codes, which are the keys of their sentences.
    const keys = [...readFileSync("src/agent/status/books-log.ts", "utf8").matchAll(/ (\w+): "/g)];
    const used = new Set([...calls, ...lines, ...keys.map(([, key]) => key)]);
    expect(calls.length).toBeGreaterThan(80);
    expect(declared.filter((code) => !used.has(code))).toEqual([]);
  });

  test("log codes - meanings and remedies are sentences", () => {
    for (const { meaning, remedy } of tables.flatMap((table) => Object.values(table))) {
      for (const sentence of [meaning, remedy ?? meaning]) expect(sentence).toMatch(/^\S.*[.)]$/s);
    }
  });

  test("log codes - the compiler refuses none, an unknown one, one of another level, and a second one", () => {
    const collected = new CollectedLog();
    const log: Logger = collected;
    // @ts-expect-error A line without a code.
    log.info({ input: "audit" }, "Listening.");
    // @ts-expect-error A code that is not declared.
    log.info("no_such_code", {}, "Listening.");
    // @ts-expect-error A code of an error.
    log.info("reload_refused", {}, "Refused.");
    // @ts-expect-error The code of an error in the place of the line's own.
    log.error("reload_refused", { code: "config_invalid" }, "Refused.");
    silentLogger.error("reload_refused", { error_code: "config_invalid" }, "Refused.");
    expect(collected.lines).toHaveLength(4);
  });
});
