/**
 * Where the state is if the configuration does not say it. Every command asks here, so that all of them look where the agent
 * keeps it, whoever runs them.
 */
import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { type ServiceUnit, serviceUnitOf } from "../platform/process/service-unit.ts";

/** Of the system's own service. */
export const system_state_dir = "/var/lib/tallyman";
const states_of_units = "/var/lib";

/** Who asks, and what there is. */
export interface StateOwner {
  readonly environment: NodeJS.ProcessEnv;
  /** The user's id. */
  readonly uid: number;
  /** The user's home; undefined where it has none. */
  readonly home: string | undefined;
  /** Whether that directory is there and belongs to this user. */
  owns(directory: string): boolean;
}

/**
 * The state directory for the configuration `file`, an absolute path: that of the unit that runs it; else what systemd has
 * made for this process; else /var/lib/tallyman for root, and for the user to whom it belongs; else the XDG state directory
 * (https://specifications.freedesktop.org/basedir-spec) of this user.
 */
export function defaultStateDirectory(file: string, owner: StateOwner): string {
  const { environment, uid, home } = owner;
  const unit = serviceUnitOf(file, environment);
  if (unit !== undefined) return stateDirectoryOf(unit) ?? system_state_dir;
  const [given = ""] = (environment["STATE_DIRECTORY"] ?? "").split(":");
  if (isAbsolute(given)) return given;
  if (uid === 0 || owner.owns(system_state_dir)) return system_state_dir;
  const base = environment["XDG_STATE_HOME"] ?? "";
  if (isAbsolute(base)) return join(base, "tallyman");
  return home === undefined ? system_state_dir : join(home, ".local/state/tallyman");
}

/** What systemd makes for the unit before it starts; undefined where that is nothing. */
export function stateDirectoryOf({ state_directory }: ServiceUnit): string | undefined {
  return state_directory === undefined ? undefined : join(states_of_units, state_directory);
}

/** This process. */
export function thisOwner(environment: NodeJS.ProcessEnv): StateOwner {
  const uid = process.getuid?.() ?? 0;
  return {
    environment,
    uid,
    get home() {
      return homeOf(environment);
    },
    owns: (directory) => statSync(directory, { throwIfNoEntry: false })?.uid === uid,
  };
}

function homeOf({ HOME: named = "" }: NodeJS.ProcessEnv): string | undefined {
  if (isAbsolute(named)) return named;
  try {
    const { homedir } = userInfo();
    return isAbsolute(homedir) ? homedir : undefined;
  } catch {
    // The user has no entry in /etc/passwd, as in many containers.
    return undefined;
  }
}
