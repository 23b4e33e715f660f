/**
 * Reloads of the real daemon, by SIGHUP: under load, through outages, with configurations and plugins that are valid and
 * that are not, while every event is counted.
 */
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished, expect, test } from "vitest";
import { ask } from "../../../src/admin/ask.ts";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { patience, redact, writeConfig, type AgentConfig } from "../../support/agent-config.ts";
import {
  readNumbered,
  Tally,
  writeEvents,
  writeRotating,
} from "../../support/files/audit-files.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { busy, Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

async function connected(path: string): Promise<Socket> {
  const client = connect(path);
  client.on("error", () => undefined);
  await once(client, "connect");
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

/** A plugin that marks every event with its version. */
function pluginText(version: number): string {
  return `export default {
  name: "mark",
  create: () => (event) => {
    event.fields = { version: ${version} };
    return event;
  },
};
`;
}

const [files, lines, extra] = [60_000, 15_000, 10_000];
const total = files + lines + extra;
const rounds = 100;

/** `npm test` has a random walk of reloads, in reload-walk.test.ts. */
longTest(
  `reload - ${rounds} of them, under load and through an outage, lose nothing and send nothing twice`,
  async () => {
    const directory = temporaryDirectory();
    const tally = new Tally(total + 1);
    const versions = new Map<number, string>();
    const read = readNumbered((number, envelope) => {
      tally.add(number);
      if (number === total) versions.set(number, envelope.toString());
    });
    // Where they go changes, too; what comes to either counts.
    const [one, other] = [await Splunk.start({ read }), await Splunk.start({ read })];
    const plugins = join(directory, "plugins");
    mkdirSync(plugins, { mode: 0o700 });
    const plugin = join(plugins, "mark.mjs");
    const audit = join(directory, "audit.log");
    const second = join(directory, "second.log");
    const socket = join(directory, "audit.sock");
    writeEvents(second, files + lines, total);
    writeFileSync(audit, "");

    const configFor = (round: number): AgentConfig => {
      const inputs = [
        "audit:",
        `  paths: ["${audit}"]`,
        // Some are changed while they are open, and some are opened again.
        ...(round % 3 === 0 ? [`  max_event_bytes: ${1 + (round % 7)}MiB`] : []),
        `  metadata: { sourcetype: "weka:${round}" }`,
        "apps:",
        "  type: socket",
        `  path: ${socket}`,
        `  journal: { max_bytes: ${8 + (round % 3)}MiB }`,
        ...(round % 10 < 5 ? ["second:", `  paths: ["${second}"]`] : []),
      ];
      const chain = [redact, `mark: {}`];
      const url = round % 4 < 2 ? one.url : other.url;
      const split = round % 5 === 1;
      const hec = (to: string): string =>
        `{ url: "${to}", token: ${valid_token}, timeout: ${patience}, compression: ${round % 2 === 0 ? "gzip" : "none"}, batch: { max_bytes: ${64 + (round % 5) * 32}KiB } }`;
      const outputs = [`splunk: ${hec(url)}`, ...(split ? [`heads: ${hec(other.url)}`] : [])];
      if (split) chain.push(`{ route: { to: heads }, when: 'api.name == "HeadObject"' }`);
      const top = [`plugins_dir: ${plugins}`, "shutdown_timeout: 20s"];
      return { directory, url: "", inputs, chain, outputs, top };
    };
    /** Mistakes of every kind, each of which must change nothing. */
    const spoil = (round: number): void => {
      const config = configFor(round);
      const kinds = [
        () => writeFileSync(writeConfig(config), "inputs: [\n", { flag: "a" }),
        () => writeConfig({ ...config, top: [...config.top!, "no_such_key: 1"] }),
        () => writeConfig({ ...config, chain: ["redact: { fields: [] }"] }),
        () => writeFileSync(plugin, "export default {", { mode: 0o600 }),
        () => writeFileSync(writeConfig(config), `state_dir: ${directory}/another`),
        () => rmSync(writeConfig(config)),
        // What only shows when it is opened.
        () =>
          writeConfig({
            ...config,
            inputs: [...config.inputs!, "taken:", "  type: socket", `  path: ${directory}`],
          }),
      ];
      kinds[round % kinds.length]!();
    };

    writeFileSync(plugin, pluginText(-1), { mode: 0o600 });
    const daemon = await Daemon.start(writeConfig(configFor(-1)));
    const writing = writeRotating({
      path: audit,
      from: 0,
      to: files,
      per_second: 3000,
      rotate_every_ms: 700,
      keep: 1000,
      mode: "rename",
    });
    const client = await connected(socket);
    const sending = (async () => {
      for (let number = files; number < files + lines; number += 250) {
        let text = "";
        for (let each = number; each < number + 250; each += 1) text += `${wekaEvent(each)}\n`;
        if (!client.write(text)) await once(client, "drain");
        await delay(250);
      }
      client.end();
    })();

    for (let round = 0; round < rounds; round += 1) {
      if (round === Math.round(0.4 * rounds)) {
        for (const splunk of [one, other])
          splunk.always({ kind: "answer", status: 503, body: busy });
      }
      if (round === Math.round(0.55 * rounds))
        for (const splunk of [one, other]) splunk.always({ kind: "hang" });
      if (round === Math.round(0.75 * rounds)) {
        for (const splunk of [one, other]) {
          // What it has not answered ends with its connections, and so at once.
          await splunk.refuse();
          splunk.always({ kind: "normal" });
          await splunk.listen();
        }
      }
      const is_valid = round % 2 === 1;
      if (is_valid) {
        writeFileSync(plugin, pluginText(round), { mode: 0o600 });
        writeConfig(configFor(round));
      } else {
        spoil(round);
      }
      const outcome = await daemon.reload();
      expect([round, outcome.code === "reloaded"], JSON.stringify(outcome)).toEqual([
        round,
        is_valid,
      ]);
    }
    await Promise.all([writing, sending]);
    await one.until(() => tally.distinct === total);
    expect(tally.missing((number) => number < total)).toEqual([]);
    expect(tally.repeats).toBe(0);
    // The last valid one is in force: its plugin, its metadata, and where it sends to.
    writeEvents(audit, total, total + 1);
    await one.until(() => versions.size === 1);
    expect(versions.get(total)).toContain(`"version":${rounds - 1}`);
    expect(versions.get(total)).toContain(`"sourcetype":"weka:${rounds - 1}"`);
    expect(await daemon.stop()).toBe(0);
    const { books } = daemon;
    expect(books.balanced).toBe(true);
    expect(books.total).toMatchObject({
      received: total + 1,
      delivered: total + 1,
      dropped: 0,
      in_flight: 0,
    });
  },
);

test("reload - the command says what became of it, and what is refused changes nothing", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, '{"n":1}\n');
  const facts: AgentConfig = { directory, url: splunk.url, paths: [path] };
  const config = writeConfig(facts);
  const asked = async (): Promise<[number, string]> => {
    const { status, out, err } = await tallyman(["reload", "-c", config]);
    return [status, out + err];
  };
  expect(await asked()).toEqual([1, expect.stringMatching(/no agent is running there/)]);
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.indexed.length === 1);
  const [unchanged, words] = await asked();
  expect([unchanged, words]).toEqual([
    0,
    expect.stringMatching(/^Reloaded; .* digest [0-9a-f]{64}, the same as before\.$/m),
  ]);
  writeConfig({ ...facts, input: ["max_evnt_bytes: 1MiB"] });
  // The error's code is reload_refused.
  const [refused, why] = await asked();
  expect(refused).toBe(1);
  expect(why).toMatch(/config\.yaml:\d+:\d+: .*max_evnt_bytes/);
  writeConfig({ ...facts, input: ["metadata: { sourcetype: after }"] });
  expect((await asked())[0]).toBe(0);
  appendFileSync(path, '{"n":2}\n');
  await splunk.until(() => splunk.indexed.length === 2);
  expect(splunk.indexed.map(({ sourcetype }) => sourcetype)).toEqual([undefined, "after"]);
  writeConfig({ ...facts, top: ["admin: { socket: false }"] });
  expect(await asked()).toEqual([1, expect.stringMatching(/SIGHUP/)]);
  expect(await daemon.stop()).toBe(0);
});

longTest(
  "reload - the admin listener moves to where the configuration says, and the answer still comes",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.log");
    writeFileSync(path, "");
    const port = await freePort();
    const place = (name: string): string => join(directory, name);
    const write = (admin: string): string =>
      writeConfig({ directory, url: splunk.url, paths: [path], top: [`admin: ${admin}`] });
    const post = (socket: string): Promise<{ status: number }> =>
      ask({ method: "POST", path: "/reload", at: socket }, systemClock);
    const daemon = await Daemon.start(write(`{ socket: ${place("one.sock")} }`));
    write(`{ socket: ${place("two.sock")}, listen: "127.0.0.1:${port}" }`);
    expect((await post(place("one.sock"))).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    // Somebody else is there: nothing changes, and what was opened for it is closed again.
    write(`{ socket: ${place("three.sock")}, listen: "127.0.0.1:${new URL(splunk.url).port}" }`);
    expect((await post(place("two.sock"))).status).toBe(409);
    expect(existsSync(place("three.sock"))).toBe(false);
    write(`{ socket: ${place("two.sock")}, mode: "0600" }`);
    expect((await post(place("two.sock"))).status).toBe(200);
    await eventually(() => (statSync(place("two.sock")).mode & 0o777) === 0o600);
    await eventually(() => !existsSync(place("one.sock")));
    // Back, and there again: where it was a moment ago is free.
    for (const name of ["one.sock", "two.sock"]) {
      const at = place(name === "one.sock" ? "two.sock" : "one.sock");
      write(`{ socket: ${place(name)}, mode: "0600" }`);
      expect((await post(at)).status).toBe(200);
    }
    await eventually(() =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        () => false,
        () => true,
      ),
    );
    expect(await daemon.stop()).toBe(0);
    expect(existsSync(place("two.sock"))).toBe(false);
  },
);

test("reload - another mode of the admin socket is not given to what a link in its place leads to", async () => {
  const directory = temporaryDirectory();
  const socket = join(directory, "admin.sock");
  const victim = join(directory, "victim");
  writeFileSync(victim, "", { mode: 0o600 });
  const write = (mode: string): string =>
    writeConfig({
      directory,
      url: "http://127.0.0.1:9",
      paths: [victim],
      top: [`admin: { socket: ${socket}, mode: "${mode}" }`],
    });
  const daemon = await Daemon.start(write("0600"));
  rmSync(socket);
  symlinkSync(victim, socket);
  write("0666");
  daemon.signal("SIGHUP");
  await daemon.logged("admin_mode_unchanged");
  expect(statSync(victim).mode & 0o777).toBe(0o600);
  expect(await daemon.stop()).toBe(0);
});
