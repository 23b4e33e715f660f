/**
 * `tallyman fleet push`: checks a configuration as an agent would, shows what changes, signs it with the next serial, and puts
 * it into the bucket.
 */
import { createInterface } from "node:readline/promises";
import { literalSecretsIn } from "../../config/secret-places.ts";
import type { FleetOptions } from "../../config/fleet/options.ts";
import { configInvalid, readText } from "../../config/load.ts";
import {
  sha256Of,
  signable,
  signConfiguration,
  type FleetRefusal,
  type SignedConfiguration,
} from "../../config/fleet/signed.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { configurationBucket, readKey, writeKey } from "../../platform/nats/buckets.ts";
import type { NatsConnection } from "../../platform/nats/connection.ts";
import { printable } from "../../platform/text/printable.ts";
import { verifierKeyText } from "../../proof/format/notes.ts";
import { judge, placed } from "../check/check.ts";
import { Printing } from "../terminal/printing.ts";
import { groupOf, loadFleet, readGroup, withFleet, type FleetConfig } from "./bucket-access.ts";
import { readSigningKey, type SigningKey } from "./signing-key.ts";
import { yamlDifference } from "./yaml-difference.ts";

interface PushFlags {
  readonly config: string;
  readonly key: string;
  readonly group?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** What the command does. */
export async function fleetPush(file: string, flags: PushFlags): Promise<void> {
  const { config, fleet } = await loadFleet(flags.config);
  const group = groupOf(flags.group, fleet);
  const signing = readSigningKey(flags.key);
  refuseUnpinned(signing, { config, fleet });
  const made = signable(await readText(file, file));
  if ("fault" in made)
    throw new TallymanError("fleet_unusable", `${file} cannot be signed: ${made.fault}`, { file });
  const { yaml } = made;
  await checkIt(flags.config, { file, group, yaml });
  const printing = new Printing();
  const { revision, found } = await withFleet(fleet, (connection) =>
    readGroup(connection, fleet, group),
  );
  const before = usable(found);
  for (const line of changes(found, yaml, group)) await printing.line(line);
  await printing.flush();
  if (before?.yaml === yaml || flags.dryRun === true) return;
  // Between two connections: nobody knows how long it takes, and what is done in one may be done twice.
  if (flags.yes !== true) await confirm(group);
  const now_ms = systemClock.now();
  // It grows though the bucket may have lost what it had.
  const serial = Math.max((before?.serial ?? 0) + 1, Math.floor(now_ms / 1000));
  const time = new Date(now_ms).toISOString();
  const { key, private_key } = signing;
  const note = signConfiguration({ group, serial, time, yaml }, key, private_key);
  await withFleet(fleet, (connection) => put(connection, fleet, { group, note, revision }));
  await printing.line(
    `Pushed to group ${group}: serial ${serial}, sha256 ${sha256Of(yaml)}, signed by ${printable(key.name)}.`,
  );
  await printing.line("`tallyman fleet status` shows which agents have taken it.");
  await printing.flush();
}

/** May be done twice: what an attempt without an answer has put there is no change of somebody else. */
async function put(
  connection: NatsConnection,
  fleet: FleetOptions,
  { group, note, revision }: { group: string; note: string; revision: number },
): Promise<void> {
  const bucket = configurationBucket(fleet.bucket);
  try {
    await writeKey(connection, bucket, { key: group, value: note, revision });
  } catch (cause) {
    const there = await readKey(connection, bucket, group).catch(() => undefined);
    if (there?.value !== note) throw cause;
  }
}

/** Agents with such a file would refuse it. */
function refuseUnpinned({ key }: SigningKey, { config, fleet }: FleetConfig): void {
  const line = verifierKeyText(key);
  if (fleet.signed_by.some((each) => verifierKeyText(each) === line)) return;
  throw new TallymanError(
    "fleet_unusable",
    `the key ${key.name} is not in fleet.signed_by of ${config.file}, so agents with such a file would refuse what it signs`,
    { file: config.file },
  );
}

/** Throws TallymanError config_invalid with what an agent with the file `config` would complain about, or with what it must not say. */
async function checkIt(
  config: string,
  { file, group, yaml }: { file: string; group: string; yaml: string },
): Promise<void> {
  const time = new Date(systemClock.now()).toISOString();
  const pushed = { group, serial: 1, time, sha256: sha256Of(yaml), yaml, shown: file };
  const { config: judged, plugins = new Map(), complaints, warnings } = await judge(config, pushed);
  if (complaints.length > 0) throw configInvalid(file, complaints);
  const secrets = judged === undefined ? [] : literalSecretsIn(judged, plugins, file);
  if (secrets.length > 0) throw configInvalid(file, secrets);
  for (const warning of warnings) process.stderr.write(`Warning: ${printable(placed(warning))}\n`);
}

function usable(
  found: SignedConfiguration | FleetRefusal | undefined,
): SignedConfiguration | undefined {
  return found === undefined || "reason" in found ? undefined : found;
}

function changes(
  found: SignedConfiguration | FleetRefusal | undefined,
  yaml: string,
  group: string,
): string[] {
  if (found === undefined)
    return [`Group ${group} has no configuration yet.`, ...yamlDifference("", yaml)];
  if ("reason" in found)
    return [
      `What group ${group} has in the bucket cannot be used, and is replaced: ${found.detail}.`,
      ...yamlDifference("", yaml),
    ];
  const { serial, time, by } = found;
  const said = `serial ${serial}, signed by ${printable(by)} at ${time}`;
  if (found.yaml === yaml) return [`Group ${group} has this configuration already: ${said}.`];
  return [`Group ${group} has ${said}. What changes:`, ...yamlDifference(found.yaml, yaml)];
}

/** Throws TallymanError usage where nobody can be asked, or says no. */
async function confirm(group: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new TallymanError("usage", "there is nobody to ask; give --yes to push it");
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asking.question(`Push it to group ${group}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    asking.close();
  }
  throw new TallymanError("usage", "nothing was pushed");
}
