/**
 * Which configuration a command is about: the one that is named, or else the first that is found.
 */
import { lstatSync, statSync, type Stats } from "node:fs";
import { TallymanError } from "../../platform/errors.ts";

/** Names the configuration for every command of a shell or a container. */
const variable = "TALLYMAN_CONFIG";

/** Where a configuration is looked for if none is named: here, then where the packages put it. */
const usual_places = ["./config.yaml", "/etc/tallyman/config.yaml"];

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly places: readonly string[];
  /** The user's id: what others have left in a directory is not used unless it is named. */
  readonly user: number;
}

/**
 * The file: `named`, else what TALLYMAN_CONFIG names, else ./config.yaml, else /etc/tallyman/config.yaml. Throws
 * TallymanError usage where there is none, config_unreadable where the file is somebody else's.
 */
export function findConfiguration(
  named: string | undefined,
  { environment, places, user }: Surroundings = surroundings(),
): string {
  if (named !== undefined) return named;
  const by_variable = environment[variable];
  if (by_variable !== undefined && by_variable !== "") return by_variable;
  for (const place of places) {
    if (!isThere(place)) continue;
    const stranger = strangerOf(place, user);
    if (stranger === undefined) return place;
    throw new TallymanError("config_unreadable", `${place} ${stranger}`, { file: place });
  }
  throw new TallymanError(
    "usage",
    `there is no configuration: neither ${places.join(" nor ")} is there. Name one with -c FILE or ${variable}; ` +
      "`tallyman init` writes one to start from.",
  );
}

function surroundings(): Surroundings {
  return { environment: process.env, places: usual_places, user: process.getuid?.() ?? 0 };
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Why a file that was found, and not named, is not to be trusted: a configuration can name plugins and secrets. */
function strangerOf(file: string, user: number): string | undefined {
  const parts = [lstatSync(file), statSync(file, { throwIfNoEntry: false })];
  const seen = parts.filter((part): part is Stats => part !== undefined);
  const advice = `name it to use it: -c ${file}`;
  if (seen.some(({ uid }) => uid !== 0 && uid !== user))
    return `belongs to another user; ${advice}`;
  // The mode of a symbolic link itself means nothing.
  const is_open = seen.some((part) => !part.isSymbolicLink() && (part.mode & 0o002) !== 0);
  return is_open ? `can be written by every user; ${advice}` : undefined;
}
