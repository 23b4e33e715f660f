/** What is known of the programs whose commands stand in documents. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "../commands.ts";
import { repository } from "./blocks.ts";
import { complaintAbout } from "./command-line.ts";
import type { Argv } from "./shell.ts";

type Check = (args: readonly string[]) => string | undefined | Promise<string | undefined>;

/** Those of which more is checked than that they are known. */
const programs: Record<string, Check> = {
  tallyman: complaintAbout,
  npx: (args) => checkCommand(args),
  // Their own options end where a program begins that is known.
  "systemd-run": (args) => checkCommand(args.slice(args.findIndex(isKnownProgram))),
  "systemd-socket-activate": (args) => checkCommand(args.slice(args.findIndex(isKnownProgram))),
  npm: checkNpm,
  node: ([file = ""]) => (existsSync(join(repository, file)) ? undefined : `no file ${file}`),
  systemctl: checkUnits,
  journalctl: checkUnits,
  jq: checkJq,
};

/** Those that are other people's, or the system's: what they are called with is read by eye. */
const foreign = new Set(
  (
    "aws basename cat cd chmod chown chronyc cp curl date df du echo export find getent git grep gunzip install journalctl kubectl ls lsof " +
    "mc mkdir mv nats-server nc openssl rm rsync set setfacl sha256sum sleep socat ss ssh systemctl systemd-run tar test timedatectl touch true " +
    "sysctl useradd vault weka apt apt-get dpkg man podman promtool read skopeo some-command stat sudo logger logrotate auditctl augenrules service"
  ).split(" "),
);

export function isKnownProgram(name: string): boolean {
  return Object.hasOwn(programs, name) || foreign.has(name);
}

/** What is wrong with the command; undefined where nothing is known to be. */
export async function checkCommand([program = "", ...args]: Argv): Promise<string | undefined> {
  if (!isKnownProgram(program)) return `${program} is not known here`;
  const missing = args.find((word) => isOurs(word) && !existsSync(join(repository, word)));
  if (missing !== undefined) return `there is no ${missing}`;
  return programs[program]?.(args);
}

/** Whether the word names a file of the repository. */
function isOurs(word: string): boolean {
  return /^(?:docs|systemd|bench|examples|scripts|src|plugins|test)\/[^*?]*$/.test(word);
}

function checkNpm([verb = "", script = ""]: readonly string[]): string | undefined {
  if (["ci", "test", "install"].includes(verb)) return undefined;
  if (verb !== "run") return `npm ${verb} is not known here`;
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return script in scripts ? undefined : `package.json has no script ${script}`;
}

/** Units of ours that are named exist; a name without an ending is a service. */
function checkUnits(args: readonly string[]): string | undefined {
  const units = args.filter((word) => /^tallyman(?:@\w*)?(?:\.\w+)?$/.test(word));
  const files = units.map((unit) => {
    const whole = unit.includes(".") ? unit : `${unit}.service`;
    return whole.replace(/@\w+/, "@");
  });
  const missing = files.find((file) => !existsSync(join(repository, "systemd", file)));
  return missing === undefined ? undefined : `there is no unit ${missing}`;
}

function checkJq(args: readonly string[]): string | undefined {
  if (!isInstalled("jq")) return undefined;
  const { status, stderr } = spawnSync("jq", [...args], { input: "{}", encoding: "utf8" });
  // It says so with 3 that the filter is none.
  return status === 3 ? stderr : undefined;
}
