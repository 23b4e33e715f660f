/** `tallyman fleet diff`: what a group has in the bucket, compared with a file, or with what the agent of this host keeps. */
import { readText } from "../../config/load.ts";
import { readKept } from "../../config/fleet/kept.ts";
import { openConfiguration, signable } from "../../config/fleet/signed.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { ending } from "../process/ending.ts";
import { Printing } from "../terminal/printing.ts";
import { groupOf, loadFleet, readGroup, withFleet, type FleetConfig } from "./bucket-access.ts";
import { yamlDifference } from "./yaml-difference.ts";

interface DiffFlags {
  readonly config: string;
  readonly group?: string;
}

/** What the command does. */
export async function fleetDiff(file: string | undefined, flags: DiffFlags): Promise<void> {
  const loaded = await loadFleet(flags.config);
  const { fleet } = loaded;
  const group = groupOf(flags.group, fleet);
  const own = file === undefined ? await keptYaml(loaded, group) : await fileYaml(file);
  const { found } = await withFleet(fleet, (connection) => readGroup(connection, fleet, group));
  if (found !== undefined && "reason" in found) {
    const message = `what group ${group} has in the bucket cannot be used: ${found.detail}`;
    throw new TallymanError("fleet_unusable", message, {});
  }
  const printing = new Printing();
  const lines = yamlDifference(found?.yaml ?? "", own);
  const has = found === undefined ? "nothing" : `serial ${found.serial}`;
  const other = file ?? "the one that this host has taken";
  await printing.line(
    lines.length === 0
      ? `Group ${group} has ${has} in the bucket, the same as ${other}.`
      : `From what group ${group} has in the bucket (${has}) to ${other}:`,
  );
  for (const line of lines) await printing.line(line);
  await printing.flush();
  if (lines.length > 0) ending.status = 1;
}

async function fileYaml(file: string): Promise<string> {
  const made = signable(await readText(file, file));
  if ("yaml" in made) return made.yaml;
  throw new TallymanError("fleet_unusable", `${file} cannot be signed: ${made.fault}`, { file });
}

/** Empty where the agent has taken none. */
async function keptYaml({ config, fleet }: FleetConfig, group: string): Promise<string> {
  try {
    const { note } = await readKept(config.state_dir);
    if (note === undefined) return "";
    const opened = openConfiguration(note, fleet.signed_by, group);
    if ("yaml" in opened) return opened.yaml;
    throw new Error(opened.detail);
  } catch (cause) {
    const message = `what the agent of this host keeps cannot be used: ${messageOf(cause)}`;
    throw new TallymanError("fleet_unusable", message, {}, { cause });
  }
}
