/**
 * What the parts of one file input share: its options, its view of the file system and its files.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { Framer } from "../../framing/contract/framer.ts";
import type { FileFramers } from "../../framing/decoding/file-framers.ts";
import type { Logger } from "../../../platform/log.ts";
import type { Admission } from "../discovery/admission.ts";
import type { BirthTimes } from "../discovery/birth-times.ts";
import type { Directories } from "../discovery/directories.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { OpenFiles } from "./open-files.ts";
import type { HandedFiles } from "./handed-files.ts";
import type { NotFollowed } from "./not-followed.ts";
import type { FileInputOptions } from "../options.ts";
import type { OwnStreams } from "./own-streams.ts";
import type { Roster } from "./roster.ts";

export interface FileInputContext {
  readonly input: string;
  readonly options: FileInputOptions;
  /** Finds the records in its files. */
  readonly framer: Framer;
  /** The same in each encoding. */
  readonly framers: FileFramers;
  readonly streams: OwnStreams;
  readonly clock: Clock;
  readonly log: Logger;
  readonly births: BirthTimes;
  readonly directories: Directories;
  readonly admission: Admission;
  readonly not_followed: NotFollowed;
  readonly open_files: OpenFiles;
  readonly roster: Roster;
  /** What the input in whose place this one is has left. */
  readonly handed: HandedFiles;
  /** Aborted when the input stops. */
  readonly stop: AbortSignal;
  /** Says that there may be something to read in the file. */
  readonly wake: (file: FollowedFile) => void;
  /** Says that a survey has something to find out. */
  readonly requestSurvey: () => void;
}
