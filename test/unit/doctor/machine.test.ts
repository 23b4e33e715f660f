/**
 * What `doctor` finds on this machine: the configuration, plugins, files, places to listen at, and the state.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { StateLock } from "../../../src/ledger/state-lock.ts";
import type { AgentConfig } from "../../support/agent-config.ts";
import { issue } from "../../support/servers/certificates.ts";
import { can_send_datagrams, DatagramPlace } from "../../support/sockets/datagrams.ts";
import { faultsIn, findingsOf, onlyFault, setUp } from "../../support/doctor.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

let splunk: Splunk;
let directory: string;
beforeEach(async () => {
  splunk = await Splunk.start();
  directory = temporaryDirectory();
});

/** The findings on a set-up in the directory, and on nothing that is sent. */
function find(config: Partial<AgentConfig> = {}) {
  return findingsOf(setUp({ directory, url: splunk.url, ...config }), { send: false });
}

describe("the configuration", () => {
  test("doctor - names a mistake with its line, and looks at nothing further", async () => {
    const findings = await find({ output: ["colour: red"] });
    const { message } = onlyFault(findings, "config", "config_invalid");
    expect(message).toMatch(/config\.yaml:\d+:\d+: .*colour/);
    expect(findings).toHaveLength(1);
    expect(splunk.requests).toEqual([]);
  });

  test("doctor - names a secret that is not there", async () => {
    const findings = await find({ top: ["log: { level: '${env:NO_SUCH_VARIABLE}' }"] });
    expect(onlyFault(findings, "config", "config_invalid").message).toContain("NO_SUCH_VARIABLE");
  });

  test("doctor - names a configuration that does not exist", async () => {
    const findings = await findingsOf(join(directory, "nowhere.yaml"));
    expect(onlyFault(findings, "config", "config_unreadable").message).toContain("no such file");
  });

  test("doctor - warns of what `check` warns of", async () => {
    const findings = await find({ chain: [] });
    expect(onlyFault(findings, "config", "config_doubtful").message).toContain("redact");
  });

  test("doctor - names a plugin that others may write", async () => {
    const plugins = join(directory, "plugins");
    mkdirSync(plugins, { mode: 0o755 });
    writeFileSync(join(plugins, "tag.mjs"), "export default {};");
    chmodSync(join(plugins, "tag.mjs"), 0o666);
    const findings = await find({ top: ["plugins_dir: plugins"] });
    expect(onlyFault(findings, "plugins", "plugin_refused").message).toContain("tag.mjs");
  });

  test("doctor - names a step that cannot run", async () => {
    const findings = await find({ chain: ["no_such_plugin: {}", 'redact: { fields: ["a"] }'] });
    expect(onlyFault(findings, "plugins", "config_invalid").message).toContain("no_such_plugin");
  });
});

describe("the files", () => {
  test("doctor - says how many match, and that some are rotated ones", async () => {
    mkdirSync(join(directory, "logs"));
    writeFileSync(join(directory, "logs", "audit.log.1"), "x".repeat(2040));
    const findings = await find({ paths: [join(directory, "logs", "audit.log*")] });
    const { message, verdict } = findings.find(({ check }) => check === "files")!;
    expect(verdict).toBe("ok");
    expect(message).toContain("2 files, 2.0 KiB, readable; 1 of them rotated");
  });

  test("doctor - warns of a glob that matches nothing", async () => {
    const findings = await find({ paths: [join(directory, "logs", "*.json")] });
    expect(onlyFault(findings, "files", "no_file_matches").verdict).toBe("warning");
  });

  test("doctor - warns of a directory that does not exist, and says which", async () => {
    const findings = await find({ paths: [join(directory, "log", "deep", "*.log")] });
    const { message } = onlyFault(findings, "files", "directory_missing");
    expect(message).toContain(`${join(directory, "log")} of `);
  });

  test("doctor - warns of a glob of which everything is excluded", async () => {
    const findings = await find({ input: ["exclude: ['*.log']"] });
    expect(onlyFault(findings, "files", "files_excluded").message).toContain("audit.log");
  });

  test("doctor - warns of a file that two inputs follow", async () => {
    const paths = `paths: ["${directory}/logs/*.log"]`;
    const findings = await find({ inputs: [`one: { ${paths} }`, `two: { ${paths} }`] });
    const { message, subject } = onlyFault(findings, "files", "file_shared");
    expect(message).toContain("input one");
    expect(subject).toBe("two");
  });

  test("doctor - warns of a link that is not followed, and says why", async () => {
    mkdirSync(join(directory, "logs"));
    symlinkSync("/proc/version", join(directory, "logs", "version.log"));
    const { message, remedy } = onlyFault(await find(), "files", "file_refused");
    expect(message).toContain("version.log leads to a file system of the kernel");
    expect(remedy).toContain("follow_links");
  });

  test("doctor - warns of files that do not look like the framing, and says what to write", async () => {
    mkdirSync(join(directory, "logs"));
    for (const name of ["a", "b"])
      writeFileSync(join(directory, "logs", `${name}.log`), '{"Records":[{"a":1}]}');
    const { message, remedy } = onlyFault(await find(), "files", "framing_unfit");
    const first = join(directory, "logs", "a.log");
    expect(message).toBe(`${first} begins like JSON that is not one record a line, as do 1 others`);
    expect(remedy).toBe("Write `framing: { json: { records: Records } }` for the input.");
    rmSync(join(directory, "logs", "audit.log"));
    const paths = [join(directory, "logs", "?.log")];
    const input = ["framing: { json: { records: Records } }"];
    expect(faultsIn(await find({ paths, input }))).toEqual([]);
  });

  test("doctor - is content with a link to a file, and with a link to nothing", async () => {
    mkdirSync(join(directory, "logs"));
    symlinkSync("audit.log", join(directory, "logs", "current.log"));
    symlinkSync("gone", join(directory, "logs", "dangling.log"));
    expect(faultsIn(await find())).toEqual([]);
  });
});

describe("the places to listen at", () => {
  test("doctor - names a port that another process has, and the process", async () => {
    const port = await listenAt(createServer(), { port: 0, host: "127.0.0.1" });
    const findings = await find({ inputs: [receiver(`127.0.0.1:${port}`)] });
    const { message, remedy } = onlyFault(findings, "listen", "address_in_use");
    expect(message).toContain(`(process ${process.pid})`);
    expect(remedy).toContain("`listen`");
  });

  test("doctor - leaves a port free that it has tried", async () => {
    const server = createServer();
    const port = await listenAt(server, { port: 0, host: "127.0.0.1" });
    await new Promise((resolve) => server.close(resolve));
    expect(faultsIn(await find({ inputs: [receiver(`127.0.0.1:${port}`)] }))).toEqual([]);
    expect(await listenAt(createServer(), { port, host: "127.0.0.1" })).toBe(port);
  });

  test("doctor - names an address that this machine does not have", async () => {
    const findings = await find({ inputs: [receiver("192.0.2.1:8088")] });
    expect(onlyFault(findings, "listen", "address_not_here").message).toContain("192.0.2.1");
  });

  test("doctor - names a UNIX socket whose directory is missing", async () => {
    const findings = await find({ inputs: [socket(join(directory, "run", "a.sock"))] });
    const { remedy } = onlyFault(findings, "listen", "socket_directory_missing");
    expect(remedy).toContain("RuntimeDirectory=");
  });

  test("doctor - names what is no socket at the path of one, and leaves it there", async () => {
    const path = join(directory, "a.sock");
    writeFileSync(path, "precious");
    const findings = await find({ inputs: [socket(path)] });
    onlyFault(findings, "listen", "socket_path_taken");
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  test("doctor - names a UNIX socket on which another process listens", async () => {
    const path = join(directory, "a.sock");
    await listenAt(createServer(), { path });
    const findings = await find({ inputs: [socket(path)] });
    const { message } = onlyFault(findings, "listen", "socket_in_use");
    expect(message).toContain(`(process ${process.pid})`);
  });

  test("doctor - names a socket for datagrams that is not there, or for connections", async () => {
    const path = join(directory, "a.sock");
    const missing = await find({ inputs: [socket(path, ", mode: datagram")] });
    const { message, remedy } = onlyFault(missing, "listen", "datagram_socket_missing");
    expect(message).toContain("no datagram socket is at");
    expect(remedy).toContain("tallyman-datagram.socket");
    await listenAt(createServer(), { path });
    const other = await find({ inputs: [socket(path, ", mode: datagram")] });
    expect(onlyFault(other, "listen", "datagram_socket_missing").message).toContain("connections");
  });

  test.runIf(can_send_datagrams)("doctor - names who has a socket for datagrams", async () => {
    const path = join(directory, "a.sock");
    await DatagramPlace.open(path);
    const findings = await find({ inputs: [socket(path, ", mode: datagram")] });
    expect(onlyFault(findings, "listen", "socket_in_use").message).toContain("python3");
  });

  test("doctor - is content with a socket that was left behind, and leaves it there", async () => {
    const path = join(directory, "a.sock");
    const script = `require("net").createServer().listen("${path}",()=>process.kill(process.pid,9))`;
    const child = spawn(process.execPath, ["-e", script]);
    await new Promise((resolve) => child.once("close", resolve));
    expect(faultsIn(await find({ inputs: [socket(path)] }))).toEqual([]);
    expect(readdirSync(directory)).toContain("a.sock");
  });

  test("doctor - names a group that does not exist", async () => {
    const path = join(directory, "a.sock");
    const findings = await find({ inputs: [socket(path, ", group: no-such-group")] });
    expect(onlyFault(findings, "listen", "account_unknown").remedy).toContain("`group`");
  });

  test.each([
    [-1, "receiver_certificate_expired"],
    [10, "receiver_certificate_expires_soon"],
  ] as const)(
    "doctor - looks at the certificate of a receiver that is valid for %d days",
    async (until_days, cause) => {
      const tls = certificateFiles(issue({ name: "receiver", from_days: -90, until_days }));
      const findings = await find({ inputs: [receiver("127.0.0.1:0", tls)] });
      expect(onlyFault(findings, "listen", cause).message).toContain("cert.pem");
    },
  );

  test("doctor - names a receiver's key that is another certificate's", async () => {
    const { certificate } = issue({ name: "one" });
    const { key } = issue({ name: "another" });
    const tls = certificateFiles({ certificate, key });
    const findings = await find({ inputs: [receiver("127.0.0.1:0", tls)] });
    expect(onlyFault(findings, "listen", "receiver_certificate").remedy).toContain("`tls.key`");
  });

  test("doctor - a receiver's key that is a pipe is named, and not waited for", async () => {
    const pipe = join(directory, "pipe.pem");
    spawnSync("mkfifo", [pipe]);
    const tls = `, tls: { cert: "${pipe}", key: "${pipe}" }`;
    const findings = await find({ inputs: [receiver("127.0.0.1:0", tls)] });
    const { message } = onlyFault(findings, "listen", "receiver_certificate");
    expect(message).toContain(`${pipe} is not a regular file`);
  });
});

describe("the state directory", () => {
  test("doctor - leaves it as it is, and makes none that is not there", async () => {
    const findings = await find();
    expect(findings.find(({ check }) => check === "state")).toMatchObject({ verdict: "ok" });
    expect(readdirSync(directory)).not.toContain("state");
    mkdirSync(join(directory, "state"), { mode: 0o700 });
    await find();
    expect(readdirSync(join(directory, "state"))).toEqual([]);
  });

  test("doctor - names a state_dir that is a file", async () => {
    writeFileSync(join(directory, "state"), "");
    onlyFault(await find(), "state", "state_dir_unusable");
  });

  test("doctor - names a state file that cannot be understood", async () => {
    mkdirSync(join(directory, "state"), { mode: 0o700 });
    writeFileSync(join(directory, "state", "state.json"), "{");
    expect(onlyFault(await find(), "state", "state_unreadable").message).toContain("state.json");
  });

  test("doctor - names a directory that others may write", async () => {
    mkdirSync(join(directory, "state"));
    chmodSync(join(directory, "state"), 0o755);
    expect(faultsIn(await find())).toEqual([]);
    chmodSync(join(directory, "state"), 0o775);
    expect(onlyFault(await find(), "state", "state_dir_open").message).toContain("chmod go-w");
  });

  test("doctor - warns of journals that may grow beyond the disk", async () => {
    mkdirSync(join(directory, "state"), { mode: 0o700 });
    const findings = await find({
      inputs: [socket(join(directory, "a.sock"), ", journal: { max_bytes: 900000GiB }")],
    });
    expect(onlyFault(findings, "state", "disk_too_small").remedy).toContain("journal.max_bytes");
  });

  test.runIf(process.getuid!() === 0)(
    "doctor - takes what journals have already for a part of what they may have",
    async () => {
      const state = join(directory, "state");
      mkdirSync(state);
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=22m,mode=0700", "tmpfs", state]);
      onTestFinished(() => void spawnSync("umount", [state]));
      const inputs = [socket(join(directory, "a.sock"), ", journal: { max_bytes: 10MiB }")];
      const top = ["quarantine: { max_bytes: 5MiB }"];
      mkdirSync(join(state, "journal", "apps"), { recursive: true });
      writeFileSync(join(state, "journal", "apps", "segment"), Buffer.alloc(9 * 1024 * 1024));
      // 13 MiB are left, less what is kept for the state file: not enough for 15 MiB, but for the 6 MiB that are open.
      expect(faultsIn(await find({ inputs, top }))).toEqual([]);
    },
  );

  test.runIf(process.getuid!() === 0)("doctor - names a disk that is full", async () => {
    const state = join(directory, "state");
    mkdirSync(state);
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", state]);
    onTestFinished(() => void spawnSync("umount", [state]));
    writeFileSync(join(state, "ballast"), Buffer.alloc(60 * 1024));
    expect(onlyFault(await find(), "state", "disk_full").remedy).toContain("state_dir");
    writeFileSync(join(state, "ballast"), Buffer.alloc(64 * 1024));
    expect(onlyFault(await find(), "state", "disk_full").message).toContain("ENOSPC");
  });

  test("doctor - says that a tallyman runs, whose places are its own, and goes on", async () => {
    mkdirSync(join(directory, "state"), { mode: 0o700 });
    const lock = await StateLock.acquire(join(directory, "state"));
    onTestFinished(() => lock.release());
    const port = await listenAt(createServer(), { port: 0, host: "127.0.0.1" });
    const small = ", journal: { max_bytes: 1MiB }";
    const findings = await find({ inputs: [receiver(`127.0.0.1:${port}`, small)] });
    expect(faultsIn(findings)).toEqual([]);
    const state = findings.find(({ check }) => check === "state")!;
    expect(state.message).toContain(`a tallyman (process ${process.pid}) is using it`);
    const listening = findings.find(({ check }) => check === "listen")!;
    expect(listening.message).toContain("the running tallyman");
    expect(findings.at(-1)!.check).toBe("clock");
    expect(readdirSync(join(directory, "state"))).toEqual(["lock"]);
  });
});

function receiver(listen: string, more = ""): string {
  return `web: { type: hec, listen: "${listen}", tokens: ["${"t".repeat(20)}"]${more} }`;
}

function socket(path: string, more = ""): string {
  return `apps: { type: socket, path: "${path}"${more} }`;
}

function certificateFiles({ certificate, key }: { certificate: string; key: string }): string {
  const files = temporaryDirectory();
  writeFileSync(join(files, "cert.pem"), certificate);
  writeFileSync(join(files, "key.pem"), key, { mode: 0o600 });
  return `, tls: { cert: "${files}/cert.pem", key: "${files}/key.pem" }`;
}

/** Has the server listen until the end of the test; gives the port where there is one. */
async function listenAt(server: Server, place: { port?: number; host?: string; path?: string }) {
  await new Promise<void>((resolve) => server.listen(place, resolve));
  onTestFinished(() => {
    server.close();
    if (place.path !== undefined) rmSync(place.path, { force: true });
  });
  return (server.address() as AddressInfo).port;
}
