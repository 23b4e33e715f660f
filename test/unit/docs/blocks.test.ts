/**
 * Every block of code in the documents is what its language says: configurations are valid, commands exist with their
 * options, plugins load, JSON parses, units verify. A block of a kind that is not known here fails.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileInputs } from "../../../src/agent/setup/compile.ts";
import { statusLine } from "../../../src/agent/status/status-line.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { linesOf } from "../../../src/cli/fleet/books/lines.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { AgentReport, AggregatorReport } from "../../../src/platform/nats/books/report.ts";
import { TallymanError } from "../../../src/platform/errors.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { makeEvent, pluginsDirectory } from "../../support/events/chains.ts";
import { isInstalled } from "../../support/commands.ts";
import { writeConfiguration } from "../../support/configuration.ts";
import {
  blocksOf,
  codeBlocks,
  documents,
  placeOf,
  repository,
  type CodeBlock,
} from "../../support/documents/blocks.ts";
import { complaintAbout } from "../../support/documents/command-line.ts";
import {
  completed,
  isConfiguration,
  pluginFilesOf,
} from "../../support/documents/configurations.ts";
import { checkCommand, isKnownProgram } from "../../support/documents/programs.ts";
import { checkPrometheus, prometheusKind } from "../../support/documents/prometheus.ts";
import { checkIni, checkLogrotate, checkNginx } from "../../support/documents/settings.ts";
import { commandsIn, complaintsOfBash } from "../../support/documents/shell.ts";
import { long, sampledCases } from "../../support/effort.ts";

const checks: Record<string, (block: CodeBlock) => void | Promise<void>> = {
  yaml: checkYaml,
  json: checkJson,
  js: checkPlugin,
  ts: checkPlugin,
  sh: checkShell,
  console: checkSession,
  ini: checkIni,
  logrotate: checkLogrotate,
  nginx: checkNginx,
  text: checkPicture,
};

const blocks = documents.flatMap(blocksOf);
const own_plugins = await loadPlugins();

test("documents - have blocks of every kind that is checked", () => {
  const kinds = new Set(blocks.map(kindOf));
  expect(Object.keys(checks).filter((kind) => !kinds.has(kind))).toEqual([]);
});

/** Kinds with so many blocks, or checks of such a cost, that `npm test` takes some of them. */
const sampled_kinds = ["yaml", "ini", "console", "sh"];
const tried = new Set(
  [...new Set(blocks.map(kindOf))].flatMap((kind) => {
    const alike = blocks.filter((block) => kindOf(block) === kind);
    return sampledCases(alike, sampled_kinds.includes(kind ?? "") ? 4 : 1).map(placeOf);
  }),
);
const with_blocks = documents.filter((file) =>
  blocksOf(file).some((block) => tried.has(placeOf(block))),
);

describe.each(with_blocks)("documents - %s", long, (file) => {
  const own = blocksOf(file)
    .filter((block) => tried.has(placeOf(block)))
    .map((block) => [block.line, kindOf(block), block] as const);
  test.for(own)("line %i is %s, and holds", async ([, kind, block]) => {
    const check = checks[kind ?? ""];
    const hint = "name a language behind its fence: " + Object.keys(checks).join(", ");
    expect(check, `${placeOf(block)} is of no known kind; ${hint}`).toBeDefined();
    await check!(block);
  });
});

/** A block without a language is one by what it begins with. */
function kindOf({ language, text }: CodeBlock): string | undefined {
  if (language !== undefined) return language;
  const [first = ""] = text.split("\n");
  if (first.startsWith("$ ")) return "console";
  if (/^\[\w+\]$/.test(first)) return "ini";
  if (/^[a-z_]+:(?: |$)/.test(first)) return "yaml";
  const [program = ""] = commandsIn(text)[0] ?? [];
  return isKnownProgram(program) ? "sh" : undefined;
}

async function checkYaml(block: CodeBlock): Promise<void> {
  const value: unknown = parse(block.text);
  const prometheus = prometheusKind(value);
  if (prometheus !== undefined) return checkPrometheus(block, prometheus);
  if (!isConfiguration(block)) {
    // What other programs are configured with, which they name.
    const foreign = value as { apiVersion?: string } | null;
    expect(
      foreign?.apiVersion,
      `${placeOf(block)} is no configuration of tallyman's`,
    ).toBeDefined();
    return;
  }
  const { text, environment } = completed(block);
  const said = await loadConfig(writeConfiguration(text), environment)
    .then(async (config) => {
      const inputs = await compileInputs(
        config,
        silentLogger,
        config.plugins_dir === undefined ? own_plugins : await loadPlugins(config.plugins_dir),
      );
      // Every chain can be run.
      for (const { chain } of inputs) chain.run(makeEvent('{"a":1}', chain.scanner));
      return [];
    })
    .catch((thrown: unknown) => {
      if (!(thrown instanceof TallymanError)) throw thrown;
      return [thrown.message, ...(thrown.details.complaints ?? []).map(({ message }) => message)];
    });
  expect(said, placeOf(block)).toEqual([]);
}

const messages = globSync("src/**/*.ts", { cwd: repository })
  .map((file) => readFileSync(join(repository, file), "utf8"))
  .join("\n")
  // A sentence may go on in the next line.
  .replaceAll(/" \+\s+"/g, "");

/** Where, behind the code of a line and its sentence, the next one begins in the source. */
const next_line = /\.(?:debug|info|warn|error)\(|\bcode: "/;

function checkJson({ text }: CodeBlock): void {
  const { code, msg } = JSON.parse(text) as { code?: string; msg?: string };
  if (msg === undefined) return;
  // A line of the log says what tallyman says, by its code.
  const after = messages
    .split(`"${code}"`)
    .slice(1)
    .map((each) => each.split(next_line)[0]!);
  expect(
    after.some((each) => each.includes(msg)),
    `${code}: ${msg}`,
  ).toBe(true);
}

async function checkPlugin(block: CodeBlock): Promise<void> {
  const files = pluginFilesOf(block.file);
  const [name] = Object.entries(files).find(([, text]) => text === block.text) ?? [];
  expect(name, `${placeOf(block)} does not begin with // FILE`).toBeDefined();
  const directory = pluginsDirectory({ [name!]: block.text });
  const loaded = [...(await loadPlugins(directory)).values()].find(({ built_in }) => !built_in);
  const steps = blocksOf(block.file).filter(
    (each) => kindOf(each) === "yaml" && each.text.includes(`- ${loaded!.plugin.name}:`),
  );
  expect(steps, `no configuration of the document uses ${name}`).not.toEqual([]);
}

const shell_texts = blocks.filter((block) => kindOf(block) === "sh").map(({ text }) => text);
const complaints_of_bash = complaintsOfBash(shell_texts);

async function checkShell(block: CodeBlock): Promise<void> {
  const said = complaints_of_bash.get(block.text) ?? complaintsOfBash([block.text]).get(block.text);
  expect(said, placeOf(block)).toBe("");
  const commands = commandsIn(block.text);
  expect(commands, placeOf(block)).not.toEqual([]);
  for (const command of commands) {
    expect(await checkCommand(command), `${placeOf(block)}: ${command.join(" ")}`).toBeUndefined();
  }
}

/** What commands print, by the command. */
const samples: [command: RegExp, sample: (output: string) => void][] = [
  [
    /^systemctl status tallyman$/,
    (output) => {
      const [, line] = /^ +Status: "(.*)"$/m.exec(output) ?? [];
      const numbers = /^splunk: sending, (\d+) events\/s, received (\d+), in flight (\d+)$/.exec(
        line ?? "",
      );
      const [, events_per_s, received, in_flight] = (numbers ?? []).map(Number);
      const books = new Ledger().books();
      Object.assign(books.total, { received, in_flight });
      const sending = { state: "sending", reason: undefined, since: undefined } as const;
      const outputs = new Map([["splunk", sending]]);
      const moving = { events_per_s: events_per_s!, still_ms: 0 };
      expect(line).toBe(statusLine({ books, outputs, digest: "", reload: undefined }, moving));
    },
  ],
  [/^tallyman fleet books /, (output) => expect(output).toBe(fleetBooksAgain(output))],
];

/** The books of a fleet with the numbers of a sample, as the command writes them. */
function fleetBooksAgain(output: string): string {
  const row = /^(\S+) +(\S+) (\S+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+)$/gm;
  const aggregator = /^Aggregator (\S+) \((\S+), (\w+)\): ([\d,]+) received, ([\d,]+) delivered$/gm;
  const number = (text = ""): number => Number(text.replaceAll(",", ""));
  const rows = [...output.matchAll(row)].map(
    ([, agent = "", lane = "", source = "", ...counts]) => {
      const [delivered = 0, settled = 0, on_the_way = 0, repeated = 0, missing = 0] =
        counts.map(number);
      const events = { delivered, settled, on_the_way, repeated, missing, uncounted: 0 };
      return { agent, lane, source, ...events };
    },
  );
  const at = new Date().toISOString();
  const aggregators = [...output.matchAll(aggregator)].map(([, name, of, id, ...counts]) => {
    const [received, delivered] = counts.map(number);
    const fates = { received, delivered, filtered: 0, quarantined: 0, dropped: 0, in_flight: 0 };
    return { id, name, of, at, fates } as unknown as AggregatorReport;
  });
  const agents = rows.map(({ agent }) => ({ id: agent, at }) as unknown as AgentReport);
  const books = { rows, silent: [], shared: [], agree: true };
  return linesOf(books, { agents, aggregators, all: false, now_ms: Date.now() }).join("\n");
}

async function checkSession(block: CodeBlock): Promise<void> {
  const parts = block.text.split(/^\$ /m).slice(1);
  expect(parts, `${placeOf(block)} has no command behind a $`).not.toEqual([]);
  for (const part of parts) {
    const [command = "", ...output] = part.split("\n");
    await checkShell({ ...block, text: command });
    if (output.join("") === "") continue;
    const sample = samples.find(([pattern]) => pattern.test(command));
    expect(sample, `${placeOf(block)}: nothing is known of what ${command} prints`).toBeDefined();
    sample![1](output.join("\n"));
  }
}

/** Pictures, layouts, lists that say in which file below /etc they are, and sums; whoever copies a command copies it from a block that is checked. */
function checkPicture(block: CodeBlock): void {
  const commands = block.text
    .split("\n")
    .filter((line) => /^\s*(?:\$ |# (?!\/etc\/)|tallyman [a-z]|npm )/.test(line));
  expect(commands, `${placeOf(block)} has commands: call it sh`).toEqual([]);
}

test("documents - commands of tallyman in the text are such", async () => {
  const wrong: string[] = [];
  for (const file of documents) {
    const text = readFileSync(join(repository, file), "utf8").replaceAll(/^ *```[^]*?^ *```/gm, "");
    for (const [, line] of text.matchAll(/`(tallyman [a-z][^`]*)`/g)) {
      const [command] = commandsIn(line!.replaceAll(/\s+/g, " "));
      const complaint = await complaintAbout(command!.slice(1));
      if (complaint === undefined || isOnlyShort(complaint)) continue;
      wrong.push(`${file}: ${line} - ${complaint}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** In a sentence arguments and options may be left out, and a group of commands be named. */
function isOnlyShort(complaint: string): boolean {
  return /missing required argument|required option .* not specified|\(outputHelp\)/.test(
    complaint,
  );
}

describe("blocks", () => {
  test("blocks - indented and fenced ones are found, in lists, too", () => {
    const document = [
      "text",
      "",
      "    one",
      "",
      "      more",
      "1. item",
      "   goes on",
      "",
      "       two",
      "",
      "   ```sh",
      "   three",
      "   ```",
      "- item",
      "    still the item",
    ].join("\n");
    expect(codeBlocks("a.md", document)).toEqual([
      { file: "a.md", line: 3, language: undefined, text: "one\n\n  more" },
      { file: "a.md", line: 9, language: undefined, text: "two" },
      { file: "a.md", line: 12, language: "sh", text: "three" },
    ]);
  });

  test("blocks - commands are found behind pipes, settings and words of the shell", () => {
    const text = `export A=b # no command
A=1 tallyman check -c 'my file' > out && x | tallyman \\
  run -c a.yaml
for f in *; do jq -c '.a | .b' "$f"; done`;
    expect(commandsIn(text)).toEqual([
      ["export", "A=b"],
      ["tallyman", "check", "-c", "my file"],
      ["x"],
      ["tallyman", "run", "-c", "a.yaml"],
      ["jq", "-c", ".a | .b", "$f"],
    ]);
  });

  test.runIf(isInstalled("promtool"))("blocks - what is Prometheus' is checked by it", async () => {
    const block = { file: "README.md", line: 1, language: "yaml" };
    const scraping = "scrape_configs:\n  - job_name: tallyman\n";
    const alert = "- alert: Late\n  expr: up == 0\n  for: 5m\n";
    for (const text of [scraping, alert]) await checkYaml({ ...block, text });
    for (const text of [scraping.replace("job_", "jab_"), alert.replace("== 0", "=== 0")]) {
      await expect(checkYaml({ ...block, text })).rejects.toThrow();
    }
  });

  test("blocks - what is wrong in one is found", async () => {
    const block = { file: "README.md", line: 1, language: "x" };
    const fails = async (check: (each: CodeBlock) => unknown, text: string): Promise<void> => {
      await expect(async () => check({ ...block, text })).rejects.toThrow();
    };
    await fails(checkYaml, "chain:\n  - redakt: { fields: [a] }");
    await fails(checkYaml, "inputs:\n  a: { path: /a }");
    await fails(checkYaml, "receivers: {}");
    await fails(checkShell, "tallyman check one.yaml two.yaml");
    await fails(checkShell, "tallyman quarantine list -c a --since yesterday");
    await fails(checkShell, "npm run nothing");
    await fails(checkShell, "cp docs/nothing.md /tmp");
    await fails(checkShell, "no-such-program");
    await fails(checkShell, "if true");
    await fails(checkSession, '$ systemctl status tallyman\n Status: "sending"');
    await fails(checkSession, "$ tallyman check -c a\nfine");
    await fails(checkIni, "[Service]\nReadWritePath=/srv");
    await fails(checkIni, "log_groups = adm");
    if (isInstalled("systemd-analyze")) await fails(checkIni, "[Service]\nProtectHome=perhaps");
    await fails(checkLogrotate, "/var/log/a {\n  copytrunkate\n}");
    await fails(checkPicture, "tallyman run");
    await fails(checkJson, '{ "code": "running", "msg": "Never said." }');
    await fails(checkJson, '{ "code": "starting", "msg": "Running." }');
    await fails(checkJson, '{ "msg": "Running." }');
    await fails(checkPlugin, "export default {}");
    expect(isInstalled("bash")).toBe(true);
  });
});
