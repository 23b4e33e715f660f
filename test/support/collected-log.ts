/** A log that a test can read: every line with its level, its code, its facts and its sentence. */
import { inspect } from "node:util";
import type { LogFacts, Logger } from "../../src/platform/log.ts";
import type { LogLevel } from "../../src/platform/log-codes/log-code.ts";
import type { LogCode } from "../../src/platform/log-codes/log-codes.ts";

export interface CollectedLine {
  readonly level: LogLevel;
  readonly code: LogCode;
  readonly facts: LogFacts;
  readonly message: string;
}

export class CollectedLog implements Logger {
  readonly lines: CollectedLine[] = [];
  readonly debug = this.#at("debug");
  readonly info = this.#at("info");
  readonly warn = this.#at("warn");
  readonly error = this.#at("error");

  /** Everything that was logged, as text. */
  get text(): string {
    return inspect(this.lines, { depth: Infinity, maxStringLength: Infinity });
  }

  at(level: LogLevel): CollectedLine[] {
    return this.lines.filter((line) => line.level === level);
  }

  /** The lines with this code. */
  of(code: LogCode): CollectedLine[] {
    return this.lines.filter((line) => line.code === code);
  }

  /** The codes of the lines of a level, in order. */
  codesAt(level: LogLevel): LogCode[] {
    return this.at(level).map(({ code }) => code);
  }

  #at(level: LogLevel) {
    return (code: LogCode, facts: LogFacts, message: string): void => {
      this.lines.push({ level, code, facts, message });
    };
  }
}
