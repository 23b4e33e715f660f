/**
 * The recipes of docs/operations/recipes with the real daemon: what the program of each recipe writes arrives, with its
 * time, in the right index, without its secrets, and otherwise as it was; and no secret is left on the disk.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, globSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { auditRecords } from "../../support/events/audit-records.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { can_send_datagrams } from "../../support/sockets/datagrams.ts";
import { blocksOf, repository } from "../../support/documents/blocks.ts";
import { expectNoSecret, handOver, spellings } from "../../support/documents/handing-over.ts";
import { moved, recipeFile, sandboxOf, type Sandbox } from "../../support/documents/recipe.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { Splunk } from "../../support/splunk.ts";

const known = globSync("docs/operations/recipes/*.md", { cwd: repository })
  .map((file) => basename(file, ".md"))
  .sort();
/** Those that can be tried here. */
const recipes = known.filter((name) => name !== "nginx" || can_send_datagrams);

test("recipes - each has records that it is tried on", () => {
  expect(Object.keys(auditRecords).sort()).toEqual(known);
});

test.each(sampledCases(recipes, 16))(
  "recipes - %s ships what it should, without what is secret",
  long,
  async (name) => {
    const splunk = await Splunk.start();
    const sandbox = await sandboxOf(recipeFile(name), splunk);
    const records = auditRecords[name]!;
    const daemon = await started(sandbox);
    await handOver(sandbox, records.lines);
    await splunk.until(({ indexed }) => indexed.length >= records.lines.length || !daemon.alive);
    const on_disk = filesBelow(sandbox.state_dir).map((bytes) => bytes.toString("latin1"));
    expect(await daemon.stop()).toBe(0);

    expect(splunk.indexed).toHaveLength(records.lines.length);
    const { sourcetype, index } = sandbox.input.metadata;
    for (const each of splunk.indexed) expect(each).toMatchObject({ sourcetype, index });
    expect(splunk.indexed[0]!.time).toBe(records.time);
    const sent = splunk.indexed.map((each) => each.event.toString()).join("\n");
    for (const text of records.kept) expect(sent).toContain(text);
    for (const text of [sent, ...on_disk, ...daemon.lines]) expectNoSecret(text, records);
    // It is the chain that took them out.
    for (const secret of records.secrets) {
      expect(
        records.lines.some((line) => spellings(secret).some((each) => line.includes(each))),
      ).toBe(true);
    }
    expect(daemon.books.total).toMatchObject({
      received: records.lines.length,
      delivered: records.lines.length,
      quarantined: 0,
    });
  },
);

function started({ config, environment, datagrams }: Sandbox): Promise<Daemon> {
  return Daemon.start(config, environment, datagrams?.handing_over);
}

longTest("recipes - weka keeps the access key's id", async () => {
  const splunk = await Splunk.start();
  const sandbox = await sandboxOf(recipeFile("weka"), splunk);
  const daemon = await Daemon.start(sandbox.config, sandbox.environment);
  await handOver(sandbox, auditRecords["weka"]!.lines);
  await splunk.until(({ indexed }) => indexed.length > 0 || !daemon.alive);
  expect(splunk.indexed[0]!.fields).toEqual({ access_key: "AKIAIOSFODNN7EXAMPLE" });
});

longTest(
  "recipes - kubernetes-pods takes namespace, pod and container from the path, also of a file that is rotated",
  async () => {
    const splunk = await Splunk.start();
    const sandbox = await sandboxOf(recipeFile("kubernetes-pods"), splunk);
    const line = (n: number): string => `2026-11-28T20:00:00.${n}Z stdout F {"n":${n}}\n`;
    const folder = join(sandbox.root, "var/log/pods/shop_web-6f7d-x2_0b1c-4f/app");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "0.log");
    writeFileSync(path, line(1));
    const other = join(sandbox.root, "var/log/pods/static/x");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "0.log"), line(2));
    const daemon = await started(sandbox);
    await splunk.until(({ indexed }) => indexed.length === 2 || !daemon.alive);
    renameSync(path, `${path}.20261128-200000`);
    appendFileSync(`${path}.20261128-200000`, line(3));
    writeFileSync(path, line(4));
    await splunk.until(({ indexed }) => indexed.length === 4 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const pod = { namespace: "shop", pod: "web-6f7d-x2", container: "app", stream: "stdout" };
    const found = splunk.indexed.map(({ event, fields }) => [event.toString(), fields] as const);
    expect(Object.fromEntries(found)).toEqual({
      '{"n":1}': pod,
      '{"n":2}': { stream: "stdout" },
      '{"n":3}': pod,
      '{"n":4}': pod,
    });
  },
);

longTest(
  "recipes - auditd's events keep their form, and what is none of them goes to quarantine",
  async () => {
    const splunk = await Splunk.start();
    const sandbox = await sandboxOf(recipeFile("auditd"), splunk);
    const daemon = await Daemon.start(sandbox.config, sandbox.environment);
    const { lines } = auditRecords["auditd"]!;
    await handOver(sandbox, [...lines, "password=CorrectHorse"]);
    await splunk.until(({ indexed }) => indexed.length >= lines.length || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const sent = splunk.indexed.map(({ event }) => JSON.parse(event.toString()) as string);
    const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
    const mask = "[REDACTED]";
    const first = lines[0]!.replace("-pSecr3t!", `-p${mask}`);
    expect(sent[0]).toBe(first.replace(hex("Secr3t!"), hex(mask)));
    const split = lines[1]!.replace(hex("tok 93aF-"), hex(mask));
    expect(sent[1]).toBe(split.replace("Hunter2", mask));
    expect(sent[4]).toBe(lines[4]!.replace("Secr3t!", mask));
    expect(sent[9]).toBe(lines[9]);
    expect(splunk.indexed[9]!.host).toBe("db-1");
    expect(daemon.books.inputs["auditd"]!.quarantined).toEqual({ not_auditd: 1 });
  },
);

const rotations = blocksOf(recipeFile("logrotate")).filter(
  ({ language }) => language === "logrotate",
);

describe.runIf(isInstalled("logrotate"))("recipes - with logrotate itself", () => {
  const modes = [
    ["create", rotations[0]!],
    ["copytruncate", rotations[1]!],
  ] as const;
  test.each(sampledCases(modes, 2))(
    "recipes - %s loses and repeats nothing over three rotations",
    long,
    async (mode, { text }) => {
      expect(text).toContain(mode);
      const splunk = await Splunk.start();
      const sandbox = await sandboxOf(recipeFile("logrotate"), splunk);
      const { root } = sandbox;
      const rotation = join(root, "rotation.conf");
      const here = moved(text, root)
        .replaceAll(/create (\d+) \w+ \w+/g, "create $1")
        .replace(/postrotate\n[^]*?endscript/, "postrotate\n true\n endscript");
      writeFileSync(rotation, here, { mode: 0o644 });
      const daemon = await Daemon.start(sandbox.config, sandbox.environment);
      const [path] = sandbox.input.paths!;
      const wanted: string[] = [];
      for (const round of [0, 1, 2, 3]) {
        const lines = Array.from({ length: 500 }, (_, number) => `{"n":${round * 500 + number}}`);
        wanted.push(...lines);
        appendFileSync(path!, lines.map((line) => `${line}\n`).join(""));
        // Copying loses what is written meanwhile. A rename loses nothing; but a file that nobody has seen yet must not be
        // renamed at once, nor one be compressed before it is seen.
        const all = mode === "copytruncate" || round === 0;
        const arrived = all ? wanted.length : wanted.length - lines.length;
        await splunk.until(({ indexed }) => indexed.length >= arrived || !daemon.alive);
        if (round === 3) break;
        const rotated = spawnSync("logrotate", ["-f", "-s", join(root, "rotated"), rotation], {
          encoding: "utf8",
        });
        expect(rotated).toMatchObject({ status: 0, stderr: "" });
      }
      await splunk.until(({ indexed }) => indexed.length >= wanted.length || !daemon.alive);
      expect(await daemon.stop()).toBe(0);
      // Several requests are sent at once where the answers are slow.
      expect(splunk.events.toSorted()).toEqual(wanted.toSorted());
      expect(daemon.books.total).toMatchObject({ received: 2000, delivered: 2000, lost_bytes: 0 });
    },
  );
});

longTest("recipes - cloudtrail reads each file once, and says which is broken", async () => {
  const splunk = await Splunk.start();
  const sandbox = await sandboxOf(recipeFile("cloudtrail"), splunk);
  const { lines } = auditRecords["cloudtrail"]!;
  const fetched = join(sandbox.root, "var/spool/cloudtrail/AWSLogs/111122223333/CloudTrail");
  mkdirSync(fetched, { recursive: true });
  const name = "111122223333_CloudTrail_us-east-1_20250321T0640Z_Mu0KsOhtH1ar15ZZ.json.gz";
  const whole = gzipSync(`{"Records":[${lines.join(",")}]}`);
  writeFileSync(join(fetched, name), whole);
  const broken = join(fetched, name.replace("0640Z", "0645Z"));
  writeFileSync(broken, whole.subarray(0, 60));
  const daemon = await Daemon.start(sandbox.config, sandbox.environment);
  expect(await daemon.logged("file_damaged")).toMatchObject({ path: broken });
  writeFileSync(
    `${broken}.part`,
    gzipSync(`{"Records":[${lines[0]!.replace("3038ebd2", "fixed000")}]}`),
  );
  renameSync(`${broken}.part`, broken);
  await eventually(() => splunk.events.some((each) => each.includes("fixed000")) || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  const records = splunk.events.filter((each) => each.includes("eventVersion"));
  expect(records).toHaveLength(lines.length + 1);
  expect(records.join()).toContain("ASIAIOSFODNN7EXAMPLE");
  expectNoSecret(splunk.events.join("\n"), auditRecords["cloudtrail"]!);
});
