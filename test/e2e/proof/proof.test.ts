/** The real daemon with proof on: what Splunk has can be checked against the seals, whatever happens in between. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { filter, redact, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { audit, exportOf } from "../../support/proof/auditing.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { splunkJson } from "../../support/proof/exports.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A directory with the keys, and what writes the configuration there. */
async function prepared(splunk: Splunk) {
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  const write = (more: { chain?: string[]; proof?: string } = {}): string =>
    writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      chain: more.chain ?? [filter, redact],
      output: ["batch: { max_bytes: 64KiB }", "max_in_flight: 4"],
      top: [`proof: { enabled: true, interval: 1s, index: seals${more.proof ?? ""} }`],
      lifecycle: "{ enabled: true }",
    });
  const { status, out } = await tallyman(["proof", "init", "-c", write()]);
  expect(status).toBe(0);
  /** What an auditor is told, who has the fingerprint and an export. */
  const verify = async (): Promise<{ status: number; out: string }> => {
    const file = join(directory, "export.json");
    writeFileSync(file, splunkJson(exportOf(splunk.indexed)));
    const root = out.split("\n")[0]!;
    return tallyman(["verify", "--root", root, file]);
  };
  return { directory, path, write, verify };
}

/** Of each Splunk, the events of the file that are there, and up to where it was looked at. */
const looked_at = new WeakMap<Splunk, { next: number; readonly ids: Set<string> }>();

/** How many different events of the file are there. */
function shipped(splunk: Splunk): number {
  const known = looked_at.get(splunk) ?? { next: 0, ids: new Set<string>() };
  looked_at.set(splunk, known);
  for (; known.next < splunk.indexed.length; known.next += 1) {
    const id = /"requestID":"[^"]*"/.exec(splunk.indexed[known.next]!.event.toString());
    if (id !== null) known.ids.add(id[0]);
  }
  return known.ids.size;
}

test("proof - every event has a place, and seals of a clean run say all of them", async () => {
  const splunk = await Splunk.start();
  const { directory, path, write, verify } = await prepared(splunk);
  writeEvents(path, 0, 3000);
  const mirror = join(directory, "seals.notes");
  const daemon = await Daemon.start(write({ proof: `, mirror: ${mirror}` }));
  await splunk.until(() => shipped(splunk) === 2625);
  expect(await daemon.stop()).toBe(0);
  const { seals, sealed, unsealed, repeats, events } = audit(splunk.indexed);
  expect([unsealed, repeats]).toEqual([0, 0]);
  const of_file = [...events.values()].find((each) => each.size === 2625)!;
  expect(Math.max(...of_file.keys())).toBe(2624);
  expect([...sealed.values()]).toContain(2625);
  expect(seals[0]).toMatchObject({ why: "start", seal: 0 });
  expect(seals.at(-1)).toMatchObject({
    why: "stop",
    books: { delivered: { splunk: expect.any(Number) as number } },
  });
  expect(splunk.indexed.filter(({ index }) => index === "seals")).toHaveLength(seals.length);
  expect(readFileSync(mirror, "utf8").split("\n\n— ")).toHaveLength(seals.length + 1);
  // The next run goes on in the same lanes.
  writeEvents(path, 3000, 4000);
  const next = await Daemon.start(write());
  await splunk.until(() => shipped(splunk) === 3500);
  expect(await next.stop()).toBe(0);
  const again = audit(splunk.indexed);
  expect([again.unsealed, again.repeats]).toEqual([0, 0]);
  expect([...again.sealed.values()]).toContain(3500);
  expect(await verify()).toMatchObject({ status: 0 });
  // One event less is found.
  const at = splunk.indexed.findIndex(({ fields }) => fields?.["tally_i"] === "7");
  splunk.indexed.splice(at, 1);
  expect(await verify()).toMatchObject({
    status: 1,
    out: expect.stringContaining("MISSING") as string,
  });
});

longTest("proof - a stop seals all, also where that is more than one seal takes", async () => {
  const splunk = await Splunk.start();
  const { path, write, verify } = await prepared(splunk);
  writeEvents(path, 0, 40_000);
  const config = write({ proof: ", granularity: event" });
  writeFileSync(config, readFileSync(config, "utf8").replace("interval: 1s", "interval: 1h"));
  const daemon = await Daemon.start(config);
  await splunk.until(() => shipped(splunk) === 35_000);
  expect(await daemon.stop()).toBe(0);
  const { seals, unsealed } = audit(splunk.indexed);
  expect(unsealed).toBe(0);
  expect(seals.at(-1)).toMatchObject({ why: "stop" });
  expect(seals.filter(({ why }) => why === "size").length).toBeGreaterThan(0);
  expect(await verify()).toMatchObject({ status: 0 });
});

longTest("proof - our own archive is an export, too", async () => {
  const directory = temporaryDirectory();
  const [path, archive] = [join(directory, "audit.log"), join(directory, "archive.jsonl")];
  const config = join(directory, "config.yaml");
  writeFileSync(
    config,
    `state_dir: ${join(directory, "state")}
inputs: { audit: { paths: ["${path}"] } }
output: { type: file, path: ${archive} }
proof: { enabled: true }
`,
  );
  writeEvents(path, 0, 500);
  const { out } = await tallyman(["proof", "init", "-c", config]);
  const verify = () => tallyman(["verify", "--root", out.split("\n")[0]!, archive]);
  const daemon = await Daemon.start(config);
  const lines = (): string[] => readFileSync(archive, "utf8").trimEnd().split("\n");
  const ids = (): number => lines().filter((line) => line.includes('"requestID"')).length;
  await eventually(() => existsSync(archive) && ids() === 500);
  expect(await daemon.stop()).toBe(0);
  expect(await verify()).toMatchObject({ status: 0 });
  const less = lines().filter((line) => !line.includes('"tally_i":"7"}'));
  writeFileSync(archive, `${less.join("\n")}\n`);
  const { status, out: said } = await verify();
  expect([status, said]).toEqual([1, expect.stringContaining("Event 7: not in the export")]);
});

const moments = { all: { kills: 8 } };

sampled(
  ({ kills }) => `proof - ${kills} crashes at the first request of a new log leave no lane unknown`,
  moments,
  async ({ kills }) => {
    const splunk = await Splunk.start();
    const { directory, path, write, verify } = await prepared(splunk);
    const config = (): string => {
      const file = write();
      writeFileSync(file, readFileSync(file, "utf8").replace(path, join(directory, "*.log")));
      return file;
    };
    for (let kill = 0; kill < kills; kill += 1) {
      const before = splunk.indexed.length;
      const daemon = await Daemon.start(config());
      writeEvents(join(directory, `new-${kill}.log`), kill * 40, (kill + 1) * 40);
      const has_new = (): boolean =>
        splunk.indexed.slice(before).some(({ event }) => event.includes("requestID"));
      await splunk.until(() => has_new() || !daemon.alive);
      await daemon.crash();
      const state = readdirSync(join(directory, "state"))
        .filter((name) => name.startsWith("state"))
        .map((name) => readFileSync(join(directory, "state", name), "utf8"))
        .join("");
      for (const { fields } of splunk.indexed) {
        const lane = fields?.["tally_lane"];
        if (typeof lane === "string") expect(state).toContain(`"${lane.split(".")[0]!}"`);
      }
    }
    const last = await Daemon.start(config());
    await splunk.until(() => shipped(splunk) === kills * 35 || !last.alive);
    expect(await last.stop()).toBe(0);
    const { status, out } = await verify();
    expect([status, out]).toEqual([0, expect.not.stringContaining("UNSEALED")]);
    expect(audit(splunk.indexed).unsealed).toBe(0);
  },
);

const efforts = { sample: { kills: 1, events: 4000 }, all: { kills: 12, events: 60_000 } };
const name = ({ kills }: { kills: number }): string =>
  `proof - ${kills} crashes, reloads and an outage leave nothing that seals do not say (seed ${seed})`;

sampled(name, efforts, async ({ kills, events }) => {
  const random = seededRandom(seed);
  const splunk = await Splunk.start();
  splunk.always({ kind: "normal", delay_ms: 10 });
  const { path, write, verify } = await prepared(splunk);
  writeEvents(path, 0, events);
  for (let kill = 0; kill < kills; kill += 1) {
    const requests = splunk.requests.length;
    const daemon = await Daemon.start(write());
    await splunk.until(() => splunk.requests.length > requests || !daemon.alive);
    await delay(random() * 300);
    if (kill % 3 === 1) {
      // Another configuration, while events of the one before are open.
      write({ chain: [filter, redact, `set: { fields: { run: "${kill}" } }`] });
      const { code } = await daemon.reload();
      expect(code).toBe("reloaded");
      await delay(random() * 100);
    }
    if (kill % 3 === 2) splunk.always({ kind: "answer", status: 503, body: "{}" });
    await delay(random() * 200);
    await daemon.crash();
    splunk.always({ kind: "normal", delay_ms: 10 });
  }
  const last = await Daemon.start(write());
  const all = (events / 8) * 7;
  await splunk.until(() => shipped(splunk) === all || !last.alive);
  expect(await last.stop()).toBe(0);
  const { seals } = audit(splunk.indexed);
  // What a crash had sent before a reload may be unsealed, and is there again.
  expect(await verify()).toMatchObject({ status: 0 });
  expect(seals.length).toBeGreaterThan(kills);
});
