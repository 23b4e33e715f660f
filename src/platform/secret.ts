/**
 * A secret from the configuration, which prints as `***` wherever it ends up by mistake.
 *
 * One that comes from a file is read again when the file is replaced. What cannot be used then is not used: the secret
 * stays what it was.
 */
import { once } from "node:events";
import { inspect } from "node:util";
import type { Clock } from "./clock.ts";
import { messageOf } from "./errors.ts";
import { statesOf } from "./files/file-state.ts";

/** Where a secret comes from that can be read again. */
export interface SecretOrigin {
  /** The files it is made of; absolute paths. */
  readonly files: readonly string[];
  /** Gives the secret as it is now. Throws an error that says what is wrong, without anything secret. */
  readonly read: () => string;
}

/** Stands for a secret, or for what may be one. */
export const hidden_text = "***";

/** Secrets it once was that are still hidden: requests in progress may hold the last few. */
const former_values_max = 8;
/** How often a file is looked at by whoever waits for it to be replaced. */
const look_interval_ms = 1000;
/** A shorter secret is found in words and numbers that have nothing to do with it. */
const length_within_words_min = 8;

export class Secret {
  #value: string;
  /** Counts up with every replacement. */
  generation = 0;
  readonly #accepts: (text: string) => boolean;
  readonly #former: string[] = [];
  #origin: SecretOrigin | undefined;
  /** What the files were like when they were last read. */
  #seen = "";
  #looking: Promise<string | undefined> | undefined;

  /** `accepts` says whether another text can take the place of the first. */
  constructor(value: string, accepts: (text: string) => boolean = () => true) {
    this.#value = value;
    this.#accepts = accepts;
  }

  /** The secret itself. To be called where it is used, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  /** Says where it comes from, so that it can be read again. */
  follow(origin: SecretOrigin): void {
    this.#origin = origin;
  }

  /** Whether the other is the same text now, and is read again from the same files. */
  equals(other: Secret): boolean {
    return this.#value === other.#value && filesOf(this.#origin) === filesOf(other.#origin);
  }

  /**
   * Reads it again where its file is another one than at the last time. Gives why that cannot be used, the first time
   * it is found, and else undefined. Never rejects.
   */
  refresh(): Promise<string | undefined> {
    if (this.#origin === undefined) return Promise.resolve(undefined);
    this.#looking ??= this.#look(this.#origin).finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /**
   * Resolves when it is of a later generation than `generation`, or when `stop` is aborted; never where it comes from
   * no file, but for `stop`. Looks at the file every second. Never rejects.
   */
  async replacedSince(generation: number, clock: Clock, stop: AbortSignal): Promise<void> {
    if (this.#origin === undefined && !stop.aborted) await once(stop, "abort");
    while (!stop.aborted) {
      await this.refresh();
      if (this.generation > generation) return;
      await clock.sleep(look_interval_ms, stop);
    }
  }

  /**
   * The text with `***` instead of the secret, in whatever case it is there, also as it is written in JSON and
   * in URLs; of a short one, only where it is by itself.
   */
  hideIn(text: string): string {
    return hideAll([this.#value, ...this.#former].flatMap(spellingsOf), text);
  }

  toString(): string {
    return hidden_text;
  }

  toJSON(): string {
    return hidden_text;
  }

  [inspect.custom](): string {
    return hidden_text;
  }

  async #look({ files, read }: SecretOrigin): Promise<string | undefined> {
    // Before it is read, so that what is written meanwhile is seen at the next time.
    const state = await statesOf(files);
    if (state === this.#seen) return undefined;
    this.#seen = state;
    try {
      const value = read();
      if (!this.#accepts(value)) return "what is there now cannot be used";
      if (value !== this.#value) this.#replace(value);
      return undefined;
    } catch (thrown) {
      return messageOf(thrown);
    }
  }

  #replace(value: string): void {
    this.#former.unshift(this.#value);
    this.#former.length = Math.min(this.#former.length, former_values_max);
    this.#value = value;
    this.generation += 1;
  }
}

/**
 * The text with `***` instead of the secrets, in whatever case they are there; of short ones, only where they are by
 * themselves, and not in a longer word.
 */
export function hideAll(secrets: readonly string[], text: string): string {
  if (secrets.length === 0) return text;
  const longest_first = [...secrets].sort((one, other) => other.length - one.length);
  return text.replaceAll(new RegExp(longest_first.map(patternOf).join("|"), "gi"), hidden_text);
}

/** As one text that distinguishes them; undefined where there are none. */
function filesOf(origin: SecretOrigin | undefined): string | undefined {
  return origin === undefined ? undefined : JSON.stringify(origin.files);
}

/** A text as it may be written elsewhere: as it is, in JSON and in URLs. */
export function spellingsOf(value: string): string[] {
  const in_json = JSON.stringify(value).slice(1, -1);
  return [value, in_json, encodeURIComponent(value.toWellFormed())];
}

function patternOf(value: string): string {
  const literal = value.replaceAll(/\W/g, "\\$&");
  if (value.length >= length_within_words_min) return literal;
  return `(?<![a-z0-9])${literal}(?![a-z0-9])`;
}
