/**
 * The file input: follows files without losing or repeating a byte.
 *
 * Two loops share the files. The survey finds out which files there are and where they went; the reading loop
 * takes the files with something to read in turn, one block each, and reads the next block while the last one is
 * being processed. Notifications wake both.
 */
import type { OriginOptions } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { atMost } from "../../platform/patience.ts";
import { FileFramers } from "../framing/decoding/file-framers.ts";
import { framerOf } from "../framing-option.ts";
import type { Input, InputCondition, Intake } from "../input.ts";
import { Admission } from "./discovery/admission.ts";
import { BirthTimes } from "./discovery/birth-times.ts";
import { BlockPool } from "./files/block-pool.ts";
import { Directories, type LookedAt } from "./discovery/directories.ts";
import { Discovery } from "./discovery/discovery.ts";
import { FileReader } from "./reading/file-reader.ts";
import { asleepStatus, fileStatus, unmatchedPaths, type FilesStatus } from "./files-status.ts";
import type { FollowedFile } from "./files/followed-file.ts";
import type { FileInputContext } from "./files/context.ts";
import { globMatches, parseExclusions, parseGlob, type Glob } from "./discovery/globs.ts";
import { closeHanded, handFiles, type HandedFiles } from "./files/handed-files.ts";
import { NotFollowed } from "./files/not-followed.ts";
import { OpenFiles } from "./files/open-files.ts";
import type { FileInputOptions } from "./options.ts";
import { OwnFiles } from "./discovery/own-files.ts";
import { OwnStreams } from "./files/own-streams.ts";
import { ReadingLoop } from "./reading/reading-loop.ts";
import { Resting } from "./survey/resting.ts";
import { restoreAsleep, restoreStreams } from "./restored-streams.ts";
import { Roster } from "./files/roster.ts";
import { Survey } from "./survey/survey.ts";
import { SurveyLoop } from "./survey/survey-loop.ts";
import { Watcher, watchDirectory, type WatchDirectory } from "./discovery/watcher.ts";

/** How long a stop waits for system calls that are in progress. */
const stop_wait_ms_max = 2000;

export interface FileInputServices {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** What all events of the input have in common; the source is the file's path where it names none. */
  readonly origin: OriginOptions;
  /** What the process has descriptors for, where that may be less than the option `max_open_files`. */
  readonly open_files_max?: number;
  readonly watch?: WatchDirectory;
  /** Files at rest that a survey looks at. */
  readonly looks_max?: number | undefined;
  /** What is tallyman's own; nothing where it is not said. */
  readonly own_files?: OwnFiles;
  /** What the input of this name has left that has read so far, on the same ledger. */
  readonly handed?: HandedFiles;
}

export class FileInput implements Input {
  readonly name: string;
  readonly #options: FileInputOptions;
  readonly #services: FileInputServices;
  readonly #context: FileInputContext;
  readonly #stopping = new AbortController();
  readonly #streams: OwnStreams;
  /** What was handed over and is not in the roster yet. */
  #untaken: HandedFiles;
  /** By each path as it is configured. */
  readonly #globs: ReadonlyMap<string, Glob[]>;
  #running:
    { reading: ReadingLoop; survey: Survey; surveys: SurveyLoop; watcher: Watcher } | undefined;

  constructor(name: string, options: FileInputOptions, services: FileInputServices) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#globs = new Map(options.paths.map((path) => [path, parseGlob(path)]));
    const { ledger, clock, log, origin, open_files_max = Infinity } = services;
    const { own_files = new OwnFiles(() => [], clock) } = services;
    const { max_open_files } = options;
    if (open_files_max < max_open_files) {
      log.warn(
        "open_files_limited",
        { input: name, max_open_files, open_files_max },
        "max_open_files is more than the process may open, so fewer files are kept open. Raise the limit on open files (ulimit -n, LimitNOFILE=).",
      );
    }
    this.#streams = new OwnStreams(name, ledger);
    this.#untaken = services.handed ?? new Map();
    const births = new BirthTimes();
    const framer = framerOf(options.framing, "file");
    this.#context = {
      input: name,
      options,
      framer,
      framers: new FileFramers(framer, options.encoding),
      streams: this.#streams,
      clock,
      log,
      births,
      directories: new Directories(clock),
      admission: new Admission(options.follow_links, own_files),
      not_followed: new NotFollowed(name, log),
      open_files: new OpenFiles(Math.min(max_open_files, open_files_max), births, log),
      roster: new Roster(name, this.#streams, clock, origin),
      handed: this.#untaken,
      stop: this.#stopping.signal,
      wake: (file) => this.#running?.reading.wake(file),
      requestSurvey: () => this.#running?.surveys.request(),
    };
  }

  async start(intake: Intake): Promise<void> {
    const { clock, log, watch = watchDirectory } = this.#services;
    const context = this.#context;
    const globs = [...this.#globs.values()].flat();
    const excluded = parseExclusions(this.#options.exclude);
    const isWanted = (path: string): boolean =>
      !excluded(path) && globs.some((glob) => globMatches(glob, path));
    const slept = await restoreAsleep(context, isWanted, this.#services.looks_max);
    if (context.stop.aborted) return;
    this.#takeUntaken();
    const { first_start } = await restoreStreams(context, isWanted, slept);
    // A system call that hung can come back after the end.
    if (context.stop.aborted) return;
    const { directories, admission } = context;
    const resting = new Resting(context.roster, this.#services.looks_max);
    const lookedAt: LookedAt = (directory, names) => resting.left(directory, names);
    const discovery = new Discovery({ globs, excluded, lookedAt }, directories, admission, log);
    const watcher = new Watcher(
      watch,
      (directory, kind, name) => this.#notice(directory, kind, name),
      log,
    );
    const start_at = first_start ? this.#options.start_at : "beginning";
    const survey = new Survey(context, { discovery, watcher, resting }, start_at);
    const surveys = new SurveyLoop(survey, context, this.#options.poll_interval);
    const { max_event_bytes } = this.#options;
    const pool = new BlockPool(max_event_bytes, context.framers.window_bytes);
    const reader = new FileReader(context.framers, pool, clock, max_event_bytes);
    const reading = new ReadingLoop(context, reader, intake);
    this.#running = { reading, survey, surveys, watcher };
    reading.start();
    await surveys.start();
  }

  describe(origin: OriginOptions): void {
    this.#context.roster.describe(origin);
  }

  status(): InputCondition & { readonly files: FilesStatus } {
    const { roster, open_files, not_followed } = this.#context;
    const { unreadable, refused } = not_followed;
    const asleep = asleepStatus(roster.sleepers);
    const files = {
      files: [...[...roster].map((file) => fileStatus(file)), ...asleep.files],
      further: asleep.further,
      open: open_files.count,
      is_flushing: this.#options.flush_after !== undefined,
      ...unmatchedPaths(this.#globs, roster, not_followed),
      unreadable,
      refused,
      waiting_since_ms: this.#running?.reading.waiting_since_ms,
    };
    return { type: "file", files };
  }

  async stop(): Promise<void> {
    await this.#end();
    await closeHanded(this.#takeUntaken());
    await this.#context.open_files.closeAll();
  }

  /**
   * Stops, and gives what the next input of this name needs to go on where this one has read, on the same ledger and
   * although events are in progress. Where there is no next one, it is for closeHanded. Also after a start that failed.
   */
  async handOver(): Promise<HandedFiles> {
    await this.#end();
    const { roster, open_files, handed } = this.#context;
    this.#streams.handOver();
    const files = handFiles(roster, open_files, handed);
    await open_files.closeAll();
    return new Map([...this.#takeUntaken(), ...files]);
  }

  #takeUntaken(): HandedFiles {
    const untaken = this.#untaken;
    this.#untaken = new Map();
    return untaken;
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#stopping.abort();
    if (running === undefined) return;
    running.watcher.close();
    // A system call may hang, as on a network file system that is gone: it is not waited for.
    const ended = Promise.all([running.reading.done, running.surveys.done]);
    await atMost(ended, stop_wait_ms_max, this.#services.clock);
  }

  #notice(directory: string, kind: "moved" | "changed", name: string | undefined): void {
    const running = this.#running;
    if (running === undefined) return;
    const { roster, directories } = this.#context;
    if (name !== undefined && kind === "changed" && running.survey.hurry(directory, name))
      return running.surveys.request();
    const file: FollowedFile | undefined =
      name === undefined ? undefined : roster.at(directory, name);
    if (name === undefined) roster.rouse(directory);
    if (file !== undefined) {
      file.rests = false;
      if (file.readable) running.reading.wake(file);
      if (kind === "changed" && file.readable) return;
    } else if (kind === "changed") return;
    directories.changed(directory, name);
    running.surveys.request();
  }
}
