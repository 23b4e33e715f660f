/**
 * The set-up of docs/fleet.md, done as it stands there: its commands install the files of examples/fleet, real servers with TLS take them,
 * and the agent and the aggregator of the document deliver an event.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { permissionsOf, permissionsText } from "../../../src/platform/nats/permissions.ts";
import { issue } from "../../support/servers/certificates.ts";
import { tallyman } from "../../support/command-line.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { blocksOf, repository } from "../../support/documents/blocks.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const folder = join(repository, "examples/fleet");
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");
const blocks = blocksOf("docs/fleet.md");
/** The most that `systemd-analyze security` may score the unit, times ten. */
const exposure_max = "15";

interface Node {
  readonly name: string;
  readonly port: number;
  readonly route: number;
}

/** What a host has of the example once the commands of the document are run, all below `root`. */
function install(root: string): string[] {
  const authority = issue({ name: "ca", is_authority: true });
  const server = issue({ name: "n1", hosts: ["127.0.0.1", "localhost"], issuer: authority });
  cpSync(folder, join(root, "examples/fleet"), { recursive: true });
  writeFileSync(join(root, "server.pem"), server.certificate);
  writeFileSync(join(root, "server.key"), server.key);
  writeFileSync(join(root, "ca.pem"), authority.certificate);
  const conf = join(root, "examples/fleet/nats-server.conf");
  const etc = join(root, "etc/nats");
  const own = readFileSync(conf, "utf8")
    .replaceAll("/etc/nats", etc)
    .replaceAll("/var/lib/nats", join(root, "var"));
  writeFileSync(conf, own);
  const [commands] = blocks.filter(({ language, text }) => language === "sh" && /nats/.test(text));
  const ran: string[] = [];
  for (const line of commands!.text.trim().split("\n")) {
    // What is left of them needs root, and changes the machine.
    if (/^(?:apt|systemctl) /.test(line)) continue;
    const here = line.replaceAll("/etc/", `${root}/etc/`).replace(" -g nats", "");
    const { status, stderr } = spawnSync("sh", ["-ec", here], { cwd: root, encoding: "utf8" });
    expect(status, `${line}\n${stderr}`).toBe(0);
    ran.push(line);
  }
  return ran;
}

/** The configuration that was installed, for three servers on this machine. */
function start(root: string, nodes: readonly Node[]): void {
  const conf = readFileSync(join(root, "etc/nats/nats-server.conf"), "utf8");
  for (const { name, port, route } of nodes) {
    let text = conf
      .replace("0.0.0.0:4222", `127.0.0.1:${port}`)
      .replace("0.0.0.0:6222", `127.0.0.1:${route}`)
      .replace(join(root, "var"), join(root, "var", name))
      .replace("100GB", "1GB");
    for (const each of nodes)
      text = text.replaceAll(`${each.name}.example.com:6222`, `127.0.0.1:${each.route}`);
    const file = join(root, "etc/nats", `${name}.conf`);
    writeFileSync(file, text);
    mkdirSync(join(root, "var", name), { recursive: true });
    const env = { ...process.env, NATS_NAME: name };
    const child = spawn("nats-server", ["-c", file], { env, stdio: "ignore" });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
  }
}

describe.runIf(has_nats)("the example of a fleet", () => {
  longTest(
    "is installed by the commands of the document, and carries an event from its agent to its aggregator",
    async () => {
      const root = temporaryDirectory();
      const ran = install(root);
      expect(ran.filter((line) => line.includes("nats-server -t"))).toHaveLength(1);
      const nodes: Node[] = [];
      for (const name of ["n1", "n2", "n3"])
        nodes.push({ name, port: await freePort(), route: await freePort() });
      start(root, nodes);
      const splunk = await Splunk.start();
      const [agent, aggregator] = blocks.filter(({ language }) => language === "yaml");
      const configOf = (name: string, text: string, password: string): string => {
        let config = text
          .replace("${env:NATS_PASSWORD}", `${password}\n__tls: { ca_file: ${root}/ca.pem }`)
          .replace("${env:SPLUNK_HEC_TOKEN}", valid_token)
          .replace("https://splunk.example.com:8088", splunk.url)
          .replace("/var/log/weka", root);
        config = config.replace(/^( *)(password: .*)\n__tls/m, "$1$2\n$1tls");
        for (const { name: host, port } of nodes)
          config = config.replaceAll(`${host}.example.com:4222`, `127.0.0.1:${port}`);
        const file = join(root, `${name}.yaml`);
        const state = `state_dir: ${join(root, `state-${name}`)}\nlifecycle: { enabled: false }\n`;
        writeFileSync(file, state + config, { mode: 0o600 });
        return file;
      };
      const as_setup = agent!.text.replace("user: web-1", "user: setup");
      const setup = configOf("setup", as_setup, "change-me-setup");
      await eventually(async () => {
        const made = await tallyman(["fleet", "setup", "-c", setup, "--max-bytes", "64MiB"]);
        return made.status === 0;
      });
      writeFileSync(join(root, "s3-audit.log"), '{"number":1}\n');
      const agents = await Daemon.start(configOf("web-1", agent!.text, "change-me-web-1"));
      await Daemon.start(configOf("ag-1", aggregator!.text, "change-me-aggregators"));
      await splunk.until(() => splunk.events.length === 1);
      await eventually(async () => {
        const books = await tallyman(["fleet", "books", "-c", setup, "--wait", "1"]);
        return books.out.includes("agree in 1 lane.\n") && !books.out.includes("on the way.");
      });
      expect(agents.of("nats_refused")).toEqual([]);
      // Nobody else gets in.
      const guessing = agent!.text.replace("agent: web-1", "connect_timeout: 500ms");
      const daemon = Daemon.spawn(["run", "-c", configOf("other", guessing, "guessed")]);
      const { error } = await daemon.logged("nats_unreachable");
      expect(error).toContain("no server has let it in: see `user`");
    },
  );
});

describe("the example of a fleet", () => {
  test("gives each user what `fleet setup --permissions` prints", () => {
    const names = { prefix: "tally", stream: "TALLY", consumer: "tallyman" };
    const squeezed = (text: string): string => text.replaceAll(/\s+/g, " ");
    const users = squeezed(textOf("users.conf"));
    for (const [user, permissions] of [
      ["setup", permissionsOf("setup", names)],
      ["aggregators", permissionsOf("aggregator", names)],
      ["web-1", permissionsOf("agent", names, "web-1")],
    ] as const) {
      const named = `user: "${user}", password: "change-me-${user}"`;
      expect(users).toContain(`${named} ${squeezed(permissionsText(permissions, ""))}`);
    }
  });

  test.runIf(has_nats && isInstalled("systemd-analyze"))(
    "has a unit that systemd takes, and that leaves little open",
    () => {
      const unit = join(folder, "nats-server.service");
      const verified = spawnSync("systemd-analyze", ["verify", "--man=no", unit], {
        encoding: "utf8",
      });
      expect(verified.stdout + verified.stderr).toBe("");
      expect(verified.status).toBe(0);
      const options = ["--offline=true", "--no-pager", `--threshold=${exposure_max}`];
      const { status, stdout } = spawnSync("systemd-analyze", ["security", ...options, unit], {
        encoding: "utf8",
      });
      expect(stdout).toContain("Overall exposure level");
      expect(status, stdout).toBe(0);
    },
  );
});
