/**
 * Recipes of docs/operations/recipes with the programs that they are for, journalctl and nginx, and with files as MySQL writes them, and
 * the real daemon.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { auditRecords } from "../../support/events/audit-records.ts";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { can_send_datagrams } from "../../support/sockets/datagrams.ts";
import { blocksOf } from "../../support/documents/blocks.ts";
import { pluginFilesOf } from "../../support/documents/configurations.ts";
import { expectNoSecret } from "../../support/documents/handing-over.ts";
import {
  configurationsOf,
  moved,
  recipeFile,
  sandboxFor,
  sandboxOf,
  type Sandbox,
} from "../../support/documents/recipe.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { Splunk } from "../../support/splunk.ts";

function started({ config, environment, datagrams }: Sandbox): Promise<Daemon> {
  return Daemon.start(config, environment, datagrams?.handing_over);
}

longTest(
  "recipes - mysql is read while its array is open, and again once a restart has opened it again",
  async () => {
    const splunk = await Splunk.start();
    const sandbox = await sandboxOf(recipeFile("mysql"), splunk);
    const [first, second, third, ...others] = auditRecords["mysql"]!.lines;
    const path = sandbox.input.paths![0]!;
    const arrived = (count: number): Promise<void> =>
      splunk.until(({ indexed }) => indexed.length >= count || !daemon.alive);
    writeFileSync(path, `[\n${first}`);
    const daemon = await started(sandbox);
    await arrived(1);
    appendFileSync(path, `,\n${second}`);
    await arrived(2);
    appendFileSync(path, `,\n${third}\n]\n`);
    await arrived(3);
    expect(splunk.events.map(idOf)).toEqual([0, 1, 2]);
    // The server takes the bracket off, and goes on.
    truncateSync(path, statSync(path).size - "\n]\n".length);
    appendFileSync(path, `,\n${others.join(",\n")}\n]\n`);
    await splunk.until(({ events }) => events.some((each) => idOf(each) === 4) || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events.map(idOf)).toEqual([0, 1, 2, 0, 1, 2, 3, 4]);
    expect(daemon.books.total).toMatchObject({ quarantined: 0 });
  },
);

function idOf(event: string): number {
  return (JSON.parse(event) as { id: number }).id;
}

const journal_remote = "/lib/systemd/systemd-journal-remote";
const has_journals =
  existsSync(journal_remote) && isInstalled("journalctl") && isInstalled("socat");

describe.runIf(has_journals)("recipes - with journalctl itself", () => {
  longTest(
    "recipes - journald's batches send each entry once, and none is taken note of that was not stored",
    async () => {
      const splunk = await Splunk.start();
      const sandbox = await sandboxOf(recipeFile("journald"), splunk);
      const { root } = sandbox;
      const journal = join(root, "system.journal");
      const boot = `_BOOT_ID=${"0123456789abcdef".repeat(2)}\n__MONOTONIC_TIMESTAMP=1\n`;
      const write = (...lines: readonly string[]): void => {
        const input = lines
          .map((line) => `${boot}${line.replace(/^__CURSOR=.*\n/, "")}\n`)
          .join("");
        const { status } = spawnSync(journal_remote, ["-o", journal, "-"], { input });
        expect(status).toBe(0);
      };
      // The journal of this test, and not of this machine.
      const programs = join(root, "bin");
      mkdirSync(programs);
      const shim = `#!/bin/sh\nPATH=\${PATH#*:} exec journalctl --file=${journal} "$@"\n`;
      writeFileSync(join(programs, "journalctl"), shim, { mode: 0o755 });
      const { text } = blocksOf(recipeFile("journald")).find(({ language }) => language === "sh")!;
      const script = join(root, "journal-batch");
      writeFileSync(script, moved(text, root), { mode: 0o755 });
      const env = { PATH: `${programs}:${process.env["PATH"]}`, STATE_DIRECTORY: root };
      const batch = (): Promise<string> =>
        new Promise((resolve) => {
          execFile(script, { env }, (_, stdout) => resolve(stdout.trim()));
        });
      const records = auditRecords["journald"]!;
      write(...records.lines.slice(0, 3));
      expect(await batch()).toBe("");
      const daemon = await started(sandbox);
      expect(await batch()).toBe("ok 3");
      expect(await batch()).toBe("ok 0");
      write(...records.lines.slice(3));
      expect(await batch()).toBe("ok 2");
      await splunk.until(({ indexed }) => indexed.length >= records.lines.length || !daemon.alive);
      expect(await daemon.stop()).toBe(0);
      expect(splunk.indexed[0]).toMatchObject({ time: records.time, host: "db-1" });
      const sent = splunk.events.join("\n");
      for (const kept of records.kept) expect(sent).toContain(kept);
      const on_disk = filesBelow(sandbox.state_dir).map((bytes) => bytes.toString("latin1"));
      for (const each of [sent, ...on_disk, ...daemon.lines]) expectNoSecret(each, records);
      expect(daemon.books.total).toMatchObject({ received: 5, delivered: 5 });
      const options = [`--file=${journal}`, "--output=json", "--all"];
      await expectMaskedJson(spawnSync("journalctl", options, { encoding: "utf8" }).stdout);
    },
  );
});

/** As JSON, a text with control characters is numbers. The recipe's plugin masks what they say. */
async function expectMaskedJson(json: string): Promise<void> {
  const records = auditRecords["journald"]!;
  expect(json).toMatch(/"MESSAGE":\[\d+,/);
  const { chain } = parse(configurationsOf(recipeFile("journald"))[0]!.text) as { chain: unknown };
  const compiled = await makeChain(chain, { files: pluginFilesOf(recipeFile("journald")) });
  const masked = json
    .trim()
    .split("\n")
    .map((line) => runChain(compiled, line).text);
  for (const kept of records.kept) expect(masked.join("\n")).toContain(kept);
  expectNoSecret(masked.join("\n"), records);
}

describe.runIf(isInstalled("nginx") && can_send_datagrams)("recipes - with nginx itself", () => {
  longTest("recipes - nginx's log arrives, without the secrets of its requests", async () => {
    const splunk = await Splunk.start();
    const sandbox = await sandboxOf(recipeFile("nginx"), splunk);
    const daemon = await started(sandbox);
    const port = await freePort();
    await startNginx("nginx", sandbox, port);
    const paths = ["/cart?id=7&access_token=S3cr3tPlanted", "/kept?page=2"];
    for (const path of paths) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    // The first one looked whether it is up.
    await splunk.until(({ indexed }) => indexed.length > paths.length || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const [, first, second] = splunk.indexed.map(
      ({ event }) => JSON.parse(event.toString()) as string,
    );
    expect(first).toMatch(
      /^<190>\w{3} [\d ]\d \d\d:\d\d:\d\d nginx: \{"remote_addr":"127\.0\.0\.1",/,
    );
    expect(first).toMatch(/"args":"id=7&access_token=\[REDACTED\]/);
    expect(second).toMatch(/"uri":"\/kept","status":200,.*"args":"page=2"\}$/);
    expect(daemon.of("time_unreadable")).toEqual([]);
    const on_disk = filesBelow(sandbox.state_dir).map((bytes) => bytes.toString("latin1"));
    for (const text of [...splunk.events, ...on_disk, ...daemon.lines]) {
      expect(text).not.toContain("S3cr3tPlanted");
    }

    // With its header taken off, its JSON is the event.
    const text = readFileSync(sandbox.config, "utf8");
    writeFileSync(
      sandbox.config,
      text.replace("mode: datagram\n", "mode: datagram\n    framing: syslog\n"),
    );
    const next = await started(sandbox);
    const { length } = splunk.indexed;
    await (await fetch(`http://127.0.0.1:${port}/third`)).text();
    await splunk.until(({ indexed }) => indexed.length > length || !next.alive);
    expect(await next.stop()).toBe(0);
    const { event, time, fields } = splunk.indexed[length]!;
    expect(JSON.parse(event.toString())).toMatchObject({ uri: "/third", status: 200 });
    expect(fields).toEqual({ facility: "local7", severity: "info", appname: "nginx" });
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(3600);
    expect(next.of("time_unreadable")).toEqual([]);
  });
});

describe.runIf(isInstalled("nginx"))("recipes - with the files of nginx itself", () => {
  test("recipes - nginx's JSON and its combined lines arrive, without the secrets of their requests", async () => {
    const splunk = await Splunk.start();
    const sandbox = await sandboxOf(recipeFile("nginx-file"), splunk);
    const port = await freePort();
    const daemon = await started(sandbox);
    await startNginx("nginx-file", sandbox, port);
    const answer = await fetch(
      `http://127.0.0.1:${port}/cart?id=7&access_token=S3cr3tPlanted&q=a%22b`,
      { headers: { referer: 'https://a.example/"?code=S3cr3tPlanted' } },
    );
    await answer.text();
    // The first one looked whether it is up.
    await splunk.until(({ indexed }) => indexed.length >= 2 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(JSON.parse(splunk.indexed[1]!.event.toString())).toMatchObject({
      uri: "/cart",
      status: 200,
      args: "id=7&access_token=[REDACTED]&q=a%22b",
      referer: 'https://a.example/"?code=[REDACTED]',
    });
    const part = blocksOf(recipeFile("nginx-file")).find(({ text }) =>
      text.includes("combined }"),
    )!;
    const output =
      'output: { url: "https://splunk.example.com:8088", token: "${env:SPLUNK_HEC_TOKEN}" }';
    const text = `plugins_dir: /etc/tallyman/plugins\n${part.text}\n${output}\n`;
    const other = await sandboxFor({ ...part, text }, splunk);
    const lines = readFileSync(join(sandbox.root, "var/log/nginx/access.log"));
    writeFileSync(other.input.paths![0]!, lines);
    const { length } = splunk.indexed;
    const second = await started(other);
    await splunk.until(({ indexed }) => indexed.length >= length + 2 || !second.alive);
    expect(await second.stop()).toBe(0);
    expect(JSON.parse(splunk.indexed[length + 1]!.event.toString())).toMatchObject({
      client: "127.0.0.1",
      request: "GET /cart?id=7&access_token=[REDACTED]&q=a%22b HTTP/1.1",
      // nginx escapes quotes.
      referer: String.raw`https://a.example/\x22?code=[REDACTED]`,
    });
    const on_disk = [sandbox, other].flatMap(({ state_dir }) => filesBelow(state_dir));
    const kept = on_disk.map((bytes) => bytes.toString("latin1"));
    for (const each of [...splunk.events, ...kept, ...daemon.lines, ...second.lines]) {
      expect(each).not.toContain("S3cr3tPlanted");
    }
  });
});

/** nginx with what the recipe says, which answers everything; until the test is over. */
async function startNginx(recipe: string, { root }: Sandbox, port: number): Promise<void> {
  const { text } = blocksOf(recipeFile(recipe)).find(({ language }) => language === "nginx")!;
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const file = join(root, "nginx.conf");
  const lines = [
    `daemon off; master_process off; pid ${root}/nginx.pid; error_log ${root}/nginx.log; events {}`,
    "http {",
    ...folders.map((each) => `${each}_temp_path ${root}/nginx-${each};`),
    moved(text, root),
    `server { listen 127.0.0.1:${port}; location / { return 200; } }`,
    "}",
  ];
  writeFileSync(file, lines.join("\n"));
  const nginx = spawn("nginx", ["-p", root, "-c", file, "-e", join(root, "nginx.log")]);
  onTestFinished(async () => {
    const closed = once(nginx, "close");
    if (nginx.kill("SIGKILL")) await closed;
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/up`).then(
      () => true,
      () => false,
    );
  await eventually(async () => (await answers()) || nginx.exitCode !== null);
}
