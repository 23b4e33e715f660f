/**
 * `tallyman doctor`: looks at everything that tallyman needs, in order, and says what is wrong and what to do.
 */
import { resolve } from "node:path";
import { holdCredentials } from "../../config/document/interpolate.ts";
import { examine } from "../../doctor/examine.ts";
import type { Finding } from "../../doctor/findings/finding.ts";
import { groupId, primaryGroupId, userId } from "../../platform/accounts.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { becomeUser, replaceProcess } from "../../platform/process/process-guard.ts";
import { serviceUnitOf } from "../../platform/process/service-unit.ts";
import { linesOf } from "./lines.ts";
import { ending } from "../process/ending.ts";

interface DoctorOptions {
  config: string;
  /** False for --no-send. */
  send: boolean;
  json?: boolean;
  user?: string;
}

/** What the command does. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const { failed, hanging } = await examineAndPrint(options);
  const status = failed === 0 ? 0 : 1;
  if (hanging) leave(status);
  ending.status = status;
}

/** What an examination came to. */
export interface Examined {
  readonly found: readonly Finding[];
  readonly failed: number;
  /** Whether a call to the system does not come back, so that Node cannot end by itself. */
  readonly hanging: boolean;
}

/** Examines, and prints what it finds. Root is not root any more afterwards. */
export async function examineAndPrint(options: DoctorOptions): Promise<Examined> {
  const { config: file, send, json, user } = options;
  await takeRights(file, { user, quiet: json === true });
  const found: Finding[] = [];
  const examination = examine({ file, send, clock: systemClock });
  for await (const finding of examination.findings) {
    found.push(finding);
    if (json === true) continue;
    for (const line of linesOf(finding)) console.log(printable(line));
  }
  const count = (verdict: Finding["verdict"]): number =>
    found.filter((each) => each.verdict === verdict).length;
  const failed = count("failed");
  if (json === true) {
    const result = { file, passed: failed === 0, findings: found };
    console.log(printableJson(JSON.stringify(result, undefined, 2)));
  } else {
    const warnings = count("warning") === 1 ? "1 warning" : `${count("warning")} warnings`;
    console.log(`\n${failed} failed, ${warnings}, ${count("ok")} ok, ${count("skipped")} skipped.`);
  }
  return { found, failed, hanging: examination.hanging() };
}

/**
 * Takes the rights that the agent has: of the user that is named, or of the one whose unit runs the configuration where root
 * asks. What only root may read, the unit's credentials, is read before.
 */
async function takeRights(
  file: string,
  { user: named, quiet }: { user: string | undefined; quiet: boolean },
): Promise<void> {
  const is_root = process.getuid!() === 0;
  const unit = is_root ? serviceUnitOf(resolve(file), process.env) : undefined;
  const user = named ?? unit?.user;
  if (user === undefined) return;
  const uid = await userId(user);
  const gid = (await primaryGroupId(user)) ?? (await groupId(user));
  if (uid === undefined || gid === undefined) {
    throw new TallymanError("usage", `there is no user ${user} in /etc/passwd`);
  }
  if (process.getuid!() === uid) return;
  if (!is_root) {
    throw new TallymanError("usage", `only root can check with the permissions of ${user}`);
  }
  const groups = unit?.user === user ? unit.groups : [];
  const ids = await Promise.all(groups.map((group) => groupId(group)));
  if (unit !== undefined) holdCredentials(unit);
  becomeUser(
    uid,
    gid,
    user,
    ids.filter((id) => id !== undefined),
  );
  // Root's own home says nothing about where this user keeps its state.
  for (const variable of ["HOME", "XDG_STATE_HOME"]) delete process.env[variable];
  if (named === undefined && !quiet) {
    const also = groups.length === 0 ? "" : ` with the groups ${groups.join(", ")}`;
    console.log(printable(`Checking as user ${user}${also}, as ${unit!.name} runs it.`));
    console.log("");
  }
}

/**
 * Ends the process though a call to the system does not come back: Node waits for such calls at its exit, while the
 * kernel does not when another program takes the process over.
 */
export function leave(status: number): never {
  replaceProcess("/bin/sh", ["sh", "-c", `exit ${status}`]);
}
