/**
 * What a file input's patterns lead to and it does not follow: what it refuses, and what it cannot read. Said once in the
 * log, and kept for the status, for as long as it is so.
 */
import { dirname } from "node:path";
import type { Logger } from "../../../platform/log.ts";
import { joinPath } from "../discovery/directories.ts";
import type { Discovered } from "../discovery/walk.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { Glob } from "../discovery/globs.ts";
import type { Refusal } from "../discovery/refusal.ts";

/** A file or directory, and what the system last said, such as EACCES. */
export interface Unreadable {
  readonly path: string;
  readonly error: string;
}

/** Of one survey. */
interface Notes {
  readonly refused: Map<string, Refusal>;
  readonly unreadable: Map<string, string>;
  readonly obstructed: ReadonlySet<Glob>;
  readonly excluded: ReadonlyMap<Glob, string>;
  readonly passed_over: ReadonlySet<Glob>;
}

/** Refusals that are logged one by one in a survey; of more, how many they are. Others may make any number of links. */
const logged_max = 20;

export class NotFollowed {
  readonly #input: string;
  readonly #log: Logger;
  /** Of the survey in progress, and of the last one that came to its end. */
  #now: Notes = {
    refused: new Map(),
    unreadable: new Map(),
    obstructed: new Set(),
    excluded: new Map(),
    passed_over: new Set(),
  };
  #last: Notes = this.#now;
  /** What was logged of each path. */
  #said = new Map<string, string>();

  constructor(input: string, log: Logger) {
    this.#input = input;
    this.#log = log;
  }

  get refused(): readonly Refusal[] {
    return [...this.#last.refused.values()];
  }

  get unreadable(): readonly Unreadable[] {
    return [...this.#last.unreadable].map(([path, error]) => ({ path, error }));
  }

  /** The globs that lead to something that is refused or cannot be looked at. */
  get obstructed(): ReadonlySet<Glob> {
    return this.#last.obstructed;
  }

  /** By glob, a file that it matches and that is excluded. */
  get excluded(): ReadonlyMap<Glob, string> {
    return this.#last.excluded;
  }

  /** The globs that lead to files that were passed over. */
  get passed_over(): ReadonlySet<Glob> {
    return this.#last.passed_over;
  }

  /** Begins a survey with what discovery came to. */
  begin({ refused, unknown, obstructed, excluded, passed_over }: Discovered): void {
    const unreadable = new Map<string, string>();
    for (const [path, error] of unknown) if (error !== undefined) unreadable.set(path, error);
    this.#now = { refused: new Map(refused), unreadable, obstructed, excluded, passed_over };
  }

  refuse(refusal: Refusal): void {
    this.#now.refused.set(refusal.path, refusal);
  }

  cannotRead(path: string, error: string): void {
    this.#now.unreadable.set(path, error);
  }

  /** Ends the survey: says what is new. */
  end(): void {
    const { refused } = this.#now;
    this.#last = this.#now;
    const fresh = [...refused.values()].filter(
      ({ path, message }) => this.#said.get(path) !== message,
    );
    this.#said = new Map([...refused.values()].map(({ path, message }) => [path, message]));
    for (const { path, reason, message, is_asked_for } of fresh.slice(0, logged_max)) {
      const facts = { input: this.#input, path, reason };
      const sentence = `Not followed: ${path} ${message}`;
      if (is_asked_for) this.#log.warn("path_refused", facts, sentence);
      else this.#log.info("path_skipped", facts, sentence);
    }
    const more = fresh.length - logged_max;
    if (more > 0) {
      this.#log.warn(
        "paths_refused_more",
        { input: this.#input, paths: more },
        `Not followed: ${more} more paths.`,
      );
    }
  }

  /** Whether a file that was followed is refused now at the path that it was found at. */
  covers({ identity }: FollowedFile): boolean {
    const { refused } = this.#now;
    if (refused.size === 0) return false;
    const place = joinPath(identity.directory, identity.name);
    for (let above = identity.path; above !== "/"; above = dirname(above)) {
      const refusal = refused.get(above);
      if (refusal === undefined) continue;
      const { key, real } = refusal;
      if (key === identity.key) return true;
      return real !== undefined && (place === real || place.startsWith(joinPath(real, "")));
    }
    return false;
  }
}
