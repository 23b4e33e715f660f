/**
 * `tallyman check`: explains what a configuration means, or reports everything that is wrong with it.
 *
 * It does what `run` does before it opens anything, so what passes here starts there.
 */
import { randomBytes } from "node:crypto";
import { networkComplaints } from "../../agent/setup/check-network.ts";
import {
  chainComplaints,
  chainWarnings,
  compileInputs,
  complaintsOf,
  disposeInputs,
  type CompiledInput,
  usedPlugins,
} from "../../agent/setup/compile.ts";
import { watchLoading } from "../../agent/setup/watch-plugins.ts";
import { pluginExceptions } from "../../chain/plugins/plugin-exceptions.ts";
import { loadPlugins, type Plugins } from "../../chain/plugins/load-plugins.ts";
import type { Config } from "../../config/config.ts";
import { explainConfig } from "../../config/explain/explain.ts";
import type { Section } from "../../config/explain/explain-input.ts";
import { framingWarnings } from "../../config/explain/framing-warnings.ts";
import { listWarnings } from "../../config/explain/list-warnings.ts";
import { configInvalid, readConfig } from "../../config/load.ts";
import { ownPlacesOf } from "../../config/own-places.ts";
import type { Pushed } from "../../config/pushed.ts";
import { readRuleTests } from "../../config/rule-tests/rule-tests.ts";
import { warningsFor } from "../../config/explain/warnings.ts";
import { lookWhereGlobLeads, type Lead } from "../../inputs/file/matching-files.ts";
import { systemClock } from "../../platform/clock.ts";
import { columnsOf, paragraph } from "../terminal/drawing/paragraph.ts";
import { clearProgress, Progress } from "../terminal/progress.ts";
import { colouring, styled, type Colouring } from "../terminal/style.ts";
import { errorCodes, TallymanError, type Complaint } from "../../platform/errors.ts";
import { ProofKeys } from "../../proof/keys/proof-keys.ts";
import type { Plugin } from "../../plugin.ts";
import type { InputSample } from "../../preview/samples/sample-input.ts";
import { silentLogger } from "../../platform/log.ts";
import { printable, printableJson } from "../../platform/text/printable.ts";
import { ending } from "../process/ending.ts";
import { checkPacks, type PackResults } from "./pack-samples.ts";
import { sampleSections, sampleWarnings } from "./samples.ts";

interface CheckOptions {
  config: string;
  json?: boolean;
  /** Whether what plugins throw is shown whole. */
  dev?: boolean;
  color?: Colouring;
}

/** What there is to say about a configuration file. */
export interface Verdict {
  config?: Config;
  plugins?: Plugins;
  complaints: readonly Complaint[];
  warnings: readonly Complaint[];
  sections: readonly Section[];
}

/** What the command does. */
export async function check({ config: file, json, dev, color }: CheckOptions): Promise<void> {
  if (color !== undefined) colouring.wanted = color;
  if (dev === true)
    pluginExceptions.show = ({ file: plugin }, error) => showException(plugin, error);
  if (json === true) return checkAsJson(file);
  const { complaints, sections, warnings } = await judge(file);
  if (complaints.length > 0) throw configInvalid(file, complaints);
  const columns = columnsOf(process.stdout);
  const say = (line: string, under = 0): void => {
    for (const each of paragraph(printable(line), columns, under)) console.log(each);
  };
  say(`${file} is valid. It means:`);
  for (const { title, lines } of sections) {
    console.log(`\n${styled("bold", printable(title))}`);
    for (const line of lines) say(`  ${line}`);
  }
  if (warnings.length === 0) return;
  console.log(`\n${styled(["bold", "yellow"], "Warnings")}`);
  for (const warning of warnings) say(`  ${placed(warning)}`, 2);
}

function showException(plugin: string, error: string): void {
  const lines = [`${plugin} has thrown:`, ...error.split("\n").map((line) => `  ${line}`)];
  process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(""));
}

async function checkAsJson(file: string): Promise<void> {
  const verdict = await judge(file).catch((thrown: unknown) => ({
    config: undefined,
    complaints: complaintsOf(thrown),
    warnings: [],
    sections: [],
  }));
  const { complaints, warnings, sections, config } = verdict;
  const valid = complaints.length === 0;
  // The configuration turns itself into JSON without its secrets.
  const result = { file, valid, complaints, warnings, sections, config };
  console.log(printableJson(JSON.stringify(result, undefined, 2)));
  if (!valid) ending.status = 1;
}

/** All that is right and wrong with a configuration file, and with what is laid over it. Throws TallymanError config_unreadable. */
export async function judge(file: string, pushed?: Pushed): Promise<Verdict> {
  const read = await readConfig(file, process.env, pushed);
  if (read.config === undefined) {
    const { complaints, chain } = read;
    if (chain !== undefined) await watchLoading(chain);
    const more = chain === undefined ? [] : await chainComplaints(chain, silentLogger);
    return { complaints: [...complaints, ...newOf(more, complaints)], warnings: [], sections: [] };
  }
  const { config } = read;
  const complaints = [...networkComplaints(config), ...(await keyComplaints(config))];
  await watchLoading(config);
  let inputs: CompiledInput[] = [];
  let plugins: Plugins = new Map();
  let tests: RuleTests = { passed: 0, complaints: [] };
  let packs: PackResults = { lines: [], complaints: [] };
  try {
    plugins = await loadPlugins(config.plugins_dir, { used: usedPlugins(config) });
    inputs = await compileInputs(config, silentLogger, plugins);
    await disposeInputs(inputs);
    tests = await testRules(config, plugins);
    packs = await checkPacks(config);
    complaints.push(...tests.complaints, ...packs.complaints);
  } catch (thrown) {
    complaints.push(...complaintsOf(thrown));
  }
  if (complaints.length > 0) return { complaints, warnings: [], sections: [] };
  const matches = await findMatches(config);
  const samples = await samplesOf(config, matches, plugins);
  const routed = new Set(inputs.flatMap(({ chain }) => [...chain.outputs]));
  const lists = inputs.flatMap(({ chain }) => chain.lists.map(({ path }) => path));
  const descriptions = new Map(
    [...plugins].map(([name, { plugin }]) => [name, descriptionOf(plugin)] as const),
  );
  return {
    config,
    plugins,
    complaints: [],
    warnings: [
      ...(await warningsFor(config, matches, routed)),
      ...(await listWarnings(config, matches, lists)),
      ...(await framingWarnings(config, matches)),
      ...chainWarnings(config, inputs, plugins),
      ...sampleWarnings(config, samples),
    ],
    sections: [
      ...explainConfig(config, { matches, descriptions }),
      ...sampleSections(samples),
      ...packSection(packs),
      ...testSection(tests),
    ],
  };
}

/** Without keys there are no seals. Where they are not for whoever checks to read, nothing is said. */
async function keyComplaints(config: Config): Promise<Complaint[]> {
  if (!config.proof.enabled) return [];
  try {
    await ProofKeys.load(config.state_dir);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof TallymanError)) throw thrown;
    const cause = thrown.cause as NodeJS.ErrnoException | undefined;
    if (cause?.code === "EACCES") return [];
    const { message, code } = thrown;
    return [config.complain(["proof", "enabled"], `${message}. ${errorCodes[code].remedy}`)];
  }
}

/** Loads what tries them only where there are files. */
async function samplesOf(
  config: Config,
  matches: Map<string, Map<string, Lead>>,
  plugins: Plugins,
): Promise<InputSample[]> {
  const leads = [...matches.values()].flatMap((by_glob) => [...by_glob.values()]);
  if (leads.every(({ files }) => files.length === 0)) return [];
  const { sampleInputs } = await import("../../preview/samples/sample-input.ts");
  const progress = new Progress(systemClock, {
    what: "trying the inputs' own files",
    unit: "bytes",
  });
  progress.expect(undefined);
  const samples = await sampleInputs(config, matches, plugins, (bytes) => progress.add(bytes));
  clearProgress();
  return samples;
}

/** What the tests of the rules came to. */
interface RuleTests {
  passed: number;
  complaints: readonly Complaint[];
}

/** Loads what runs them only where there are any. */
async function testRules(config: Config, plugins: Plugins): Promise<RuleTests> {
  const { tests, complaints: mistakes } = await readRuleTests(config);
  if (tests.length === 0) return { passed: 0, complaints: mistakes };
  const { runRuleTests } = await import("../../preview/rule-tests/run-tests.ts");
  const deps = { plugins, clock: systemClock, key: randomBytes(16) };
  const { results, complaints } = await runRuleTests(config, deps);
  const failed = results.flatMap(({ name, failures }) =>
    failures.map((each) => ({ ...each, message: `test "${name}" failed: ${each.message}` })),
  );
  return { passed: results.length, complaints: [...complaints, ...failed] };
}

function packSection({ lines }: PackResults): Section[] {
  return lines.length === 0 ? [] : [{ title: "Packs", lines }];
}

function testSection({ passed }: RuleTests): Section[] {
  if (passed === 0) return [];
  return [{ title: "Tests of rules", lines: [`${passed} of ${passed} pass`] }];
}

/** Empty where it has none; what a plugin has written there may be anything. */
function descriptionOf({ description }: Plugin): string {
  return typeof description === "string" ? description.trim() : "";
}

async function findMatches(config: Config): Promise<Map<string, Map<string, Lead>>> {
  const deps = { clock: systemClock, log: silentLogger, own: ownPlacesOf(config) };
  const matches = new Map<string, Map<string, Lead>>();
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.type !== "file") continue;
    const by_glob = new Map<string, Lead>();
    for (const glob of input.paths) {
      by_glob.set(glob, await lookWhereGlobLeads(glob, input, deps));
    }
    matches.set(name, by_glob);
  }
  return matches;
}

/** Those that are where no complaint is yet: what could not be put in is complained about once. */
function newOf(more: readonly Complaint[], known: readonly Complaint[]): Complaint[] {
  const places = new Set(known.map(({ line, column }) => `${line}:${column}`));
  return more.filter(({ line, column }) => line === undefined || !places.has(`${line}:${column}`));
}

/** A warning in one line, with its place before it. */
export function placed({ file, line, column, message }: Complaint): string {
  return [file, line, column, ` ${message}`].filter((part) => part !== undefined).join(":");
}
