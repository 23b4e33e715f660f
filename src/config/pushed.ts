/**
 * What of a configuration comes from a fleet, laid over the agent's own file: whole sections, and only those that the file
 * lets be taken.
 */
import type { Complaint } from "../platform/errors.ts";
import { messageOf } from "../platform/errors.ts";
import type { Taken } from "./config.ts";
import { ConfigFile } from "./document/config-file.ts";
import { readDocument } from "./document/document.ts";
import { isRecord, valueAt } from "./document/place.ts";
import { readKept } from "./fleet/kept.ts";
import { fleetOptions, type FleetOptions } from "./fleet/options.ts";
import { openConfiguration, type Configuration } from "./fleet/signed.ts";

/** What is laid over a file: what the agent keeps, nothing and no inputs either, or another. */
export type Pushed = "kept" | "held" | (Configuration & { readonly shown?: string });

/** The file that is laid over, and what is known of it. */
export interface OwnFile {
  readonly value: unknown;
  readonly source: ConfigFile;
  readonly state_dir: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly file: string;
}

export interface Composed {
  readonly value: unknown;
  readonly taken: Taken | undefined;
  /** The group that the file names, where what is kept was taken from another one: nothing is read until something of it is taken. */
  readonly awaited_group?: string;
  readonly complaints: readonly Complaint[];
}

const outputs_together = ["output", "outputs", "default_output"] as const;
const keys_by_section: Readonly<Record<FleetOptions["takes"][number], readonly string[]>> = {
  inputs: ["inputs"],
  chain: ["chain"],
  outputs: outputs_together,
  lifecycle: ["lifecycle"],
};
/** They change nothing in an agent. */
const always = ["tests"];

/** The settings of the file with what a fleet has for it. Never rejects. */
export async function compose(own: OwnFile, pushed: Pushed): Promise<Composed> {
  const { value, source } = own;
  const as_it_is = { value, taken: undefined, complaints: [] };
  const section = valueAt(value, ["fleet"]);
  if (section === undefined) return as_it_is;
  if (pushed === "held") return { ...as_it_is, value: withoutInputs(value) };
  const options = fleetOptions().safeParse(structuredClone(section));
  // What is wrong with the section itself is found with everything else.
  if (!options.success) return as_it_is;
  try {
    const { group } = options.data;
    // Who pushes tries a file of their own, for any group.
    const is_given = pushed !== "kept" && (pushed.shown !== undefined || pushed.group === group);
    const configuration = is_given ? pushed : await keptConfiguration(own.state_dir, options.data);
    if (configuration === "other_group")
      return { ...as_it_is, value: withoutInputs(value), awaited_group: group };
    return configuration === undefined ? as_it_is : layOver(own, configuration, options.data);
  } catch (thrown) {
    const message = `the fleet's configuration cannot be used: ${messageOf(thrown)}`;
    return { ...as_it_is, complaints: [source.complain(["fleet"], message)] };
  }
}

function withoutInputs(value: unknown): object {
  return { ...(value as object), inputs: {} };
}

async function keptConfiguration(
  state_dir: string,
  { signed_by, group, serial_min }: FleetOptions,
): Promise<Configuration | "other_group" | undefined> {
  const { note } = await readKept(state_dir);
  if (note === undefined) return undefined;
  const opened = openConfiguration(note, signed_by, group);
  if ("reason" in opened && opened.reason === "other_group") return "other_group";
  if ("reason" in opened) throw new Error(opened.detail);
  if (opened.serial < serial_min) throw new Error(`its serial is less than serial_min`);
  return opened;
}

function layOver(
  { value, source, environment, folder, file }: OwnFile,
  configuration: Configuration & { readonly shown?: string },
  { takes, paths }: FleetOptions,
): Composed {
  const { group, serial, time, sha256, yaml, shown = `configuration of ${group}` } = configuration;
  const document = readDocument(yaml, { environment, folder, file, no_files: true });
  const over = new ConfigFile(shown, document);
  const complaints = document.mistakes.map((each) =>
    over.complainAt(each.offset, each.path, each.message),
  );
  const taken = { group, serial, time, sha256 };
  if (!document.readable) return { value, taken, complaints };
  if (!isRecord(document.value)) {
    complaints.push(over.complain([], "expected a map, such as `inputs:` with what is below it"));
    return { value, taken, complaints };
  }
  const keys = new Set([...takes.flatMap((each) => keys_by_section[each]), ...always]);
  const given = Object.entries(document.value).filter(([key]) => !key.startsWith("x-"));
  for (const [key] of given.filter(([each]) => !keys.has(each))) {
    const message = `is the agent's own; this one takes ${[...keys].join(", ")} (fleet.takes)`;
    complaints.push(over.complain([key], message, "key", "own"));
  }
  const sections = Object.fromEntries(given.filter(([key]) => keys.has(key)));
  const replaced = new Set(Object.keys(sections));
  if (outputs_together.some((key) => replaced.has(key)))
    for (const key of outputs_together) replaced.add(key);
  const kept = Object.entries(isRecord(value) ? value : {}).filter(([key]) => !replaced.has(key));
  source.layOver({ source: over, keys: replaced, directories: paths });
  return { value: { ...Object.fromEntries(kept), ...sections }, taken, complaints };
}
