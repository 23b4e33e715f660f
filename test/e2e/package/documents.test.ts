/**
 * The commands of the documents, run for real in a sandbox: each ends well, and what a document says of backup, restore and
 * another host holds.
 */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  stateDirectory,
  writeConfig,
  redact,
  type AgentConfig,
} from "../../support/agent-config.ts";
import { auditRecords, type AuditRecords } from "../../support/events/audit-records.ts";
import { tallyman } from "../../support/command-line.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon, type LogEntry } from "../../support/daemon.ts";
import { blocksOf, documents } from "../../support/documents/blocks.ts";
import { expectNoSecret, handOver } from "../../support/documents/handing-over.ts";
import { configurationsOf, moved, sandboxFor } from "../../support/documents/recipe.ts";
import { commandsIn, type Argv } from "../../support/documents/shell.ts";
import { quarantineLine, writeQuarantine } from "../../support/quarantine/quarantine-lines.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const shell = documents
  .flatMap(blocksOf)
  .filter(
    ({ language, text }) => language === "sh" || (language === undefined && !text.includes(":\n")),
  );

/** The arguments of every command of tallyman in a block; others may stand before it. */
const commands = shell
  .flatMap(({ text }) => commandsIn(text))
  .flatMap((argv): Argv[] => {
    const at = argv.indexOf("tallyman");
    const is_run = at === 0 || argv[0] === "systemd-run";
    return is_run ? [argv.slice(at + 1)] : [];
  })
  // The others go on until they are stopped, and have tests of their own.
  .filter(([command]) => ["check", "doctor", "quarantine"].includes(command ?? ""));
/** Each with another configuration is the same. */
const distinct = [
  ...new Set(commands.map((args) => args.join(" ").replace(/-c \S+/, "-c config.yaml"))),
].map((line) => line.split(" "));

interface SetUp {
  file: string;
  config: AgentConfig;
  splunk: Splunk;
}

async function setUp(): Promise<SetUp> {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const paths = [join(directory, "var/log/weka/audit.log")];
  mkdirSync(dirname(paths[0]!), { recursive: true });
  writeFileSync(paths[0]!, '{"n":0}\n');
  const config: AgentConfig = { directory, url: splunk.url, paths, chain: [redact] };
  return { file: writeConfig(config), config, splunk };
}

/** `file` is the configuration of a command that names none. */
async function run(
  args: readonly string[],
  file?: string,
): Promise<{ status: number; said: string }> {
  const { status, out, err } = await tallyman(
    args,
    file === undefined ? {} : { TALLYMAN_CONFIG: file },
  );
  return { status, said: out + err };
}

test("documents - have commands that are run here", () => {
  for (const name of [
    "check",
    "doctor",
    "quarantine list",
    "quarantine show",
    "quarantine replay",
  ]) {
    expect(
      distinct.some((args) => args.join(" ").startsWith(name)),
      name,
    ).toBe(true);
  }
});

test.each(distinct.map((args) => [args.join(" "), args] as const))(
  "documents - tallyman %s",
  async (_, args) => {
    const { file, config } = await setUp();
    const line = quarantineLine(1, { reason: "unreadable:redact", input: "audit" });
    const refused = quarantineLine(2, { reason: "splunk_invalid_data_format", input: "audit" });
    const recent = quarantineLine(3, { time: new Date().toISOString() });
    const directory = join(stateDirectory(config), "quarantine");
    writeQuarantine(directory, { "quarantine.jsonl": [refused, line] });
    const isId = (word: string): boolean => /^[0-9a-f]{12}$/.test(word);
    let id = "";
    if (args.some(isId)) {
      const listed = await run(["quarantine", "list", "-c", file, "--json"]);
      ({ id } = JSON.parse(listed.said.split("\n")[0]!) as { id: string });
    }
    writeQuarantine(directory, { "quarantine.jsonl": [refused, line, recent] });
    const here = args.map((word, at) => {
      if (args[at - 1] === "-c") return file;
      return isId(word) ? id : word;
    });
    // Only root may look with another's rights, and only where that user is.
    const user = here.indexOf("--user");
    if (user >= 0) here.splice(user, 2);
    // Nobody can be asked here.
    if (here.includes("purge") && !here.includes("--yes")) here.push("--yes");
    const { status, said } = await run(here, file);
    expect(said).not.toBe("");
    expect(said).not.toContain("No matching events");
    expect(status, said).toBe(0);
  },
);

describe.runIf(isInstalled("jq"))("documents - what they look for in the log", () => {
  const filters = shell
    .flatMap(({ text }) => commandsIn(text))
    .filter(
      ([program, ...args]) =>
        program === "jq" && args.some((each) => /\.(level|code) ==/.test(each)),
    );

  test("documents - jq finds the errors in a real one", async () => {
    expect(filters).not.toEqual([]);
    const { file, splunk } = await setUp();
    splunk.always({ kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' });
    const daemon = await Daemon.start(file);
    const error = await daemon.logged(({ level }) => level === "error");
    for (const [program, ...args] of filters) {
      const input = [...daemon.lines, "no JSON at all"].join("\n");
      const { status, stdout } = spawnSync(program!, args, { input, encoding: "utf8" });
      expect(status).toBe(0);
      expect(JSON.parse(stdout) as LogEntry).toEqual(error);
    }
  });
});

describe("documents - quick starts", () => {
  const quick_starts = configurationsOf("README.md").map((block) => {
    const [, input = ""] = /^inputs:\n {2}(\w+):$/m.exec(block.text) ?? [];
    return [input, block] as const;
  });
  /** What each is tried with: the records of a recipe, and one more that its filter drops. */
  const records: Record<string, AuditRecords & { filtered?: string }> = {
    weka: {
      ...auditRecords["weka"]!,
      filtered: auditRecords["weka"]!.lines[0]!.replace('"PutObject"', '"HeadBucket"'),
    },
    minio: auditRecords["minio"]!,
    cloudtrail: {
      ...auditRecords["cloudtrail"]!,
      filtered: auditRecords["cloudtrail"]!.lines[0]!.replace("sts.", "kms."),
    },
    app: {
      lines: [...auditRecords["logrotate"]!.lines, "login user=alice password=CorrectHorse"],
      secrets: ["CorrectHorse"],
      kept: ['"user":"alice"', "login user=alice password="],
      time: auditRecords["logrotate"]!.time,
    },
  };

  test("documents - the README has one for each of them", () => {
    expect(quick_starts.map(([input]) => input)).toEqual(Object.keys(records));
  });

  test.each(sampledCases(quick_starts, 4))(
    "documents - quick start %s ships no secret",
    long,
    async (input, block) => {
      const { filtered, ...expected } = records[input]!;
      const splunk = await Splunk.start();
      const sandbox = await sandboxFor(block, splunk);
      const daemon = await Daemon.start(sandbox.config, sandbox.environment);
      const more = filtered === undefined ? [] : [filtered];
      await handOver(sandbox, [...more, ...expected.lines]);
      const delivered = expected.lines.length;
      await splunk.until(({ indexed }) => indexed.length >= delivered || !daemon.alive);
      expect(await daemon.stop()).toBe(0);

      expect(splunk.indexed).toHaveLength(delivered);
      const { sourcetype, index } = sandbox.input.metadata;
      for (const each of splunk.indexed) expect(each).toMatchObject({ sourcetype, index });
      expect(splunk.indexed[0]!.time).toBe(expected.time);
      const sent = splunk.indexed.map(({ event }) => event.toString()).join("\n");
      for (const text of expected.kept) expect(sent).toContain(text);
      expectNoSecret(sent, expected);
      expect(daemon.books.total).toMatchObject({
        received: delivered + more.length,
        delivered,
        filtered: more.length,
        quarantined: 0,
      });
    },
  );
});

test("documents - the tutorial's log comes to Splunk as it shows", async () => {
  const file = "docs/tutorial.md";
  const texts = blocksOf(file).filter(({ language }) => language === "text");
  const [log, shown] = ['{"time"', '{"host"'].map((begin) =>
    texts.find(({ text }) => text.startsWith(begin))!.text.split("\n"),
  );
  const splunk = await Splunk.start();
  const to_splunk = configurationsOf(file).find(({ text }) => text.includes("url:"))!;
  const sandbox = await sandboxFor(to_splunk, splunk);
  writeFileSync(join(sandbox.root, "audit.log"), log!.map((line) => `${line}\n`).join(""));
  const daemon = await Daemon.start(sandbox.config, sandbox.environment);
  await splunk.until(({ indexed }) => indexed.length >= shown!.length || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(shown).toEqual(
    splunk.indexed.map(({ time, event }, at) => {
      const head = /^.*"time":(?=\d+,"event")/.exec(shown![at]!);
      return `${head?.[0]}${time},"event":${event.toString()}}`;
    }),
  );
  expect(daemon.books.inputs["app"]!.quarantined).toEqual({ "unreadable:redact": 1 });
  const row = /^ {2}app +(\d+) +(\d+) +(\d+) +(\d+) /m;
  const status = texts.find(({ text }) => row.test(text))!.text;
  const { total } = daemon.books;
  const counts = [total.received, total.delivered, total.filtered, total.quarantined];
  expect(row.exec(status)!.slice(1).map(Number)).toEqual(counts);
});

describe("documents - maintenance", () => {
  const file = "docs/operations/maintenance.md";
  /** The commands of the block that has the text, but for those that are systemd's. */
  const script = (text: string, root: string): string => {
    const block = blocksOf(file).find((each) => each.text.includes(text))!;
    const own = block.text.split("\n").filter((line) => !line.startsWith("systemctl "));
    return moved(own.join("\n"), root);
  };
  const bash = (text: string): void => {
    const { status, stderr } = spawnSync("bash", ["-e", "-c", text], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  };
  /** Runs the agent until so many events have arrived in all. */
  const ship = async ({ file: config, splunk }: SetUp, events: number): Promise<Daemon> => {
    const daemon = await Daemon.start(config);
    await splunk.until(({ indexed }) => indexed.length >= events || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    return daemon;
  };
  /** With its state where the service has it. */
  const setUpService = async (): Promise<SetUp & { root: string; state: string; log: string }> => {
    const facts = await setUp();
    const root = facts.config.directory;
    const state = join(root, "var/lib/tallyman");
    mkdirSync(join(root, "root"));
    mkdirSync(dirname(state), { recursive: true });
    const text = readFileSync(facts.file, "utf8");
    writeFileSync(facts.file, text.replace(/^state_dir: .*$/m, `state_dir: ${state}`));
    return { ...facts, root, state, log: facts.config.paths![0]! };
  };

  longTest(
    "documents - a backup that is put back sends again what came since, and nothing older",
    async () => {
      const facts = await setUpService();
      const { root, log, splunk } = facts;
      await ship(facts, 1);
      bash(script("-czpf", root));
      appendFileSync(log, '{"n":1}\n');
      await ship(facts, 2);
      bash(script("-xzpf", root));
      appendFileSync(log, '{"n":2}\n');
      const daemon = await ship(facts, 4);
      expect(splunk.events).toEqual(['{"n":0}', '{"n":1}', '{"n":1}', '{"n":2}']);
      expect(daemon.books.balanced).toBe(true);
    },
  );

  longTest("documents - on another host it goes on in the copies of its files", async () => {
    const facts = await setUpService();
    const { state, log, splunk } = facts;
    await ship(facts, 1);
    for (const place of [state, dirname(log)]) {
      renameSync(place, `${place}.former`);
      cpSync(`${place}.former`, place, { recursive: true, preserveTimestamps: true });
      rmSync(`${place}.former`, { recursive: true });
    }
    appendFileSync(log, '{"n":1}\n');
    await ship(facts, 2);
    expect(splunk.events).toEqual(['{"n":0}', '{"n":1}']);
  });

  longTest("documents - without any state all that is there is sent again", async () => {
    const facts = await setUpService();
    await ship(facts, 1);
    rmSync(facts.state, { recursive: true });
    await ship(facts, 2);
    expect(facts.splunk.events).toEqual(['{"n":0}', '{"n":0}']);
  });
});

describe("documents - runbooks", () => {
  const wrong = "no_such_index";
  const corrected = (file: string): void => {
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(wrong, "audit"));
  };
  const refused = ({ reason }: LogEntry): boolean => reason === "incorrect_index";

  test("documents - a file is read again with the index that was corrected", async () => {
    const splunk = await Splunk.start({ indexes: ["audit"] });
    const directory = temporaryDirectory();
    const log = join(directory, "audit.log");
    writeFileSync(log, '{"n":0}\n');
    const input = [`metadata: { index: ${wrong} }`];
    const file = writeConfig({ directory, url: splunk.url, paths: [log], input });
    const former = await Daemon.start(file);
    await former.logged(refused);
    await former.crash();
    corrected(file);
    const daemon = await Daemon.start(file);
    await splunk.until(({ indexed }) => indexed.length > 0 || !daemon.alive);
    expect(splunk.indexed[0]).toMatchObject({ index: "audit" });
  });

  longTest(
    "documents - a reload with the index corrected frees what waits for it, of files and journals",
    async () => {
      const splunk = await Splunk.start({ indexes: ["audit"] });
      const directory = temporaryDirectory();
      const port = await freePort();
      const log = join(directory, "audit.log");
      writeFileSync(log, '{"n":0}\n');
      const metadata = `metadata: { index: ${wrong} }`;
      const inputs = [
        `files: { type: file, paths: ["${log}"], ${metadata} }`,
        `web: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook], ${metadata} }`,
      ];
      const file = writeConfig({ directory, url: splunk.url, inputs });
      const daemon = await Daemon.start(file);
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        headers: { authorization: "Splunk webhook" },
        body: '{"n":1}',
      });
      expect(response.status).toBe(200);
      await daemon.logged(refused);
      const socket = join(directory, "state", "admin.sock");
      await eventually(async () => {
        const { books, outputs } = await askStatus(socket);
        return books.total.in_flight === 2 && outputs[0]!.state === "blocked";
      });
      corrected(file);
      expect(await daemon.reload()).toMatchObject({ code: "reloaded" });
      await splunk.until(({ indexed }) => indexed.length > 1 || !daemon.alive);
      const arrived = splunk.indexed.map(({ index, event }) => `${index} ${event.toString()}`);
      expect(arrived.toSorted()).toEqual(['audit {"n":0}', 'audit {"n":1}']);
      await eventually(async () => {
        const { books, outputs } = await askStatus(socket);
        return books.total.delivered === 2 && outputs[0]!.state === "sending";
      });
      expect(await daemon.stop()).toBe(0);
    },
  );

  longTest(
    "documents - a restart with another index corrects what waits in a journal, after a crash, too",
    async () => {
      const splunk = await Splunk.start({ indexes: ["audit"] });
      const directory = temporaryDirectory();
      const port = await freePort();
      const inputs = [
        `web: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook], metadata: { index: ${wrong} } }`,
      ];
      const file = writeConfig({ directory, url: splunk.url, inputs });
      const former = await Daemon.start(file);
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        headers: { authorization: "Splunk webhook" },
        body: '{"n":0}',
      });
      expect(response.status).toBe(200);
      await former.logged(refused);
      await former.crash();
      corrected(file);
      const daemon = await Daemon.start(file);
      await splunk.until(({ indexed }) => indexed.length > 0 || !daemon.alive);
      expect(splunk.indexed).toHaveLength(1);
      expect(splunk.indexed[0]).toMatchObject({ index: "audit" });
    },
  );
});
