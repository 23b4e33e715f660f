/**
 * Every code that a line of the log can carry. A code is stable: alert rules and scripts may match on it, while the
 * sentence beside it may be reworded. docs/operations/log.md is printed from here.
 */
import { agent_codes } from "./agent-codes.ts";
import { chain_codes } from "./chain-codes.ts";
import { file_codes } from "./file-codes.ts";
import { input_codes } from "./input-codes.ts";
import { journal_codes } from "./journal-codes.ts";
import type { LogLevel } from "./log-code.ts";
import { nats_codes } from "./nats-codes.ts";
import { output_codes } from "./output-codes.ts";
import { quarantine_codes } from "./quarantine-codes.ts";
import { splunk_codes } from "./splunk-codes.ts";

/** By the part of tallyman that they are about. */
export const log_codes_by_part = {
  "The agent": agent_codes,
  "Steps and plugins": chain_codes,
  "File inputs": file_codes,
  "Sockets, HTTP and standard input": input_codes,
  "Journals and state": journal_codes,
  Outputs: output_codes,
  "NATS and fleets": nats_codes,
  "Splunk and the way to it": splunk_codes,
  "Quarantine and replay": quarantine_codes,
} as const;

type LogCodes = typeof agent_codes &
  typeof chain_codes &
  typeof file_codes &
  typeof input_codes &
  typeof journal_codes &
  typeof nats_codes &
  typeof output_codes &
  typeof quarantine_codes &
  typeof splunk_codes;

/** The codes of a level; without one, all of them. */
export type LogCode<Level extends LogLevel = LogLevel> = {
  [Code in keyof LogCodes]: LogCodes[Code]["level"] extends Level ? Code : never;
}[keyof LogCodes];
