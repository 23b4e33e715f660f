/** A log that a test can read: every line with its level, its facts and its sentence. */
import { inspect } from "node:util";
import type { Logger, LogLevel } from "../../src/platform/log.ts";

export interface LogLine {
  readonly level: LogLevel;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export class CollectedLog implements Logger {
  readonly lines: LogLine[] = [];
  readonly debug = this.#at("debug");
  readonly info = this.#at("info");
  readonly warn = this.#at("warn");
  readonly error = this.#at("error");

  /** Everything that was logged, as text. */
  get text(): string {
    return inspect(this.lines, { depth: Infinity, maxStringLength: Infinity });
  }

  at(level: LogLevel): LogLine[] {
    return this.lines.filter((line) => line.level === level);
  }

  #at(level: LogLevel) {
    return (facts: object, message: string): void => {
      this.lines.push({ level, facts: facts as Record<string, unknown>, message });
    };
  }
}
