/**
 * What `tallyman init` has to know, and what is wrong with an answer. Answers come from options or from questions; both are
 * judged here, by the schemas of the configuration itself.
 */
import { z } from "zod";
import { indexNameFault } from "../../config/explain/index-names.ts";
import { fileInputOptions } from "../../inputs/file/options.ts";
import { hecInputShape } from "../../inputs/hec/options.ts";
import { splunkHecOptions } from "../../output/splunk-hec/options.ts";
import type { LogKind } from "./kinds.ts";

/** The options of the command. */
export interface InitFlags {
  readonly yes?: boolean;
  readonly path?: readonly string[];
  readonly listen?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  /** Is refused. */
  readonly token?: string;
  readonly tokenStdin?: boolean;
  readonly index?: string;
  readonly sourcetype?: string;
  readonly output?: string;
  readonly force?: boolean;
  /** False for --no-send. */
  readonly send?: boolean;
}

/** Where the events come from. */
export type EventSource =
  | { readonly kind: "files"; readonly globs: readonly string[] }
  | { readonly kind: "webhook"; readonly listen: string };

export interface Answers {
  readonly kind: LogKind;
  readonly source: EventSource;
  readonly url: string;
  /** Undefined where the one that is stored is kept. */
  readonly token: string | undefined;
  /** Undefined for the token's default index. */
  readonly index: string | undefined;
  readonly sourcetype: string | undefined;
}

/** What is wrong with the address of Splunk; undefined where nothing is. */
export function urlFault(text: string): string | undefined {
  return faultIn(splunkHecOptions.shape.url.unwrap(), text);
}

/** What is wrong with a token, without the token. */
export function tokenFault(text: string): string | undefined {
  return text === "" ? "it is empty" : faultIn(splunkHecOptions.shape.token, text);
}

export function listenFault(text: string): string | undefined {
  return faultIn(hecInputShape().listen, text);
}

export function indexFault(text: string): string | undefined {
  return text === "" ? "it is empty" : indexNameFault(text);
}

export function sourcetypeFault(text: string): string | undefined {
  return /^[\x21-\x7e][\x20-\x7e]*$/.test(text) ? undefined : "expected printable ASCII characters";
}

/** What is wrong with a path or glob of logs. */
export function globFault(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) return "a path cannot contain control characters";
  return faultIn(fileInputOptions.shape.paths.element, text);
}

function faultIn(schema: z.ZodType, text: string): string | undefined {
  const { success, error } = schema.safeParse(text);
  return success ? undefined : (error.issues[0]?.message ?? "it is not valid");
}
