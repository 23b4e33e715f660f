/**
 * `tallyman doctor` as a user sees it: what it prints, its exit status, and with whose rights it looks.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tallyman, type Ended } from "../../../support/command-line.ts";
import { Daemon } from "../../../support/daemon.ts";
import { openToAll, setUp } from "../../../support/doctor.ts";
import { is_long, long, longTest, sampledCases } from "../../../support/effort.ts";
import { freePort } from "../../../support/servers/free-port.ts";
import { Splunk, valid_token } from "../../../support/splunk.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { main } from "../../../support/program.ts";

/** In containers it is often 0. */
const first_free_port = Number(
  readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"),
);

/** Runs the command to its end. */
function doctor(file: string, ...more: string[]): Promise<Ended> {
  return tallyman(["doctor", "-c", file, ...more]);
}

/** The same in a process of its own, since it takes the rights of another user, while servers in this process answer it. */
async function inOwnProcess(file: string, ...more: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, "doctor", "-c", file, ...more]);
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const status = await new Promise<number>((resolve) => child.once("close", resolve));
  return { status, out, err };
}

interface Result {
  passed: boolean;
  findings: { check: string; verdict: string; cause?: string; message: string; remedy?: string }[];
}

function faultsOf({ out }: Pick<Ended, "out">): string[] {
  const { findings } = JSON.parse(out) as Result;
  return findings.flatMap(({ check, cause }) => (cause === undefined ? [] : `${check} ${cause}`));
}

describe("what it prints", () => {
  test("doctor - a sound set-up is all fine: exit status 0, one test event, no secret", async () => {
    const splunk = await Splunk.start({ indexes: ["audit"] });
    const { status, out, err } = await inOwnProcess(setUp({ url: splunk.url }));
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toMatch(/\n0 failed, (0 warnings|1 warning), 11 ok, 1 skipped\.\n$/);
    expect(splunk.indexed).toHaveLength(1);
    expect(out).not.toContain(valid_token);
  });

  test("doctor - a failure is named with what to do, in 80 columns, with exit status 1", async () => {
    const splunk = await Splunk.start({ tokens: ["another-token-0123456789"] });
    const { status, out, err } = await doctor(setUp({ url: splunk.url }));
    expect({ status, err }).toEqual({ status: 1, err: "" });
    expect(out).toMatch(/^failed {3}token {4}http:.* HTTP 403, Splunk's code 4,/m);
    expect(out).toMatch(/^ {9}What to do: Copy the HEC token's value/m);
    expect(out).toMatch(/^skipped {2}event {4}.*the token check failed/m);
    // Only a path, or another single word, may be longer.
    const wide = out.split("\n").filter((line) => line.length > 80);
    expect(wide.filter((line) => !/^.{18}\S+$/.test(line))).toEqual([]);
    expect(out).not.toContain(valid_token);
  });

  test("doctor - as JSON has a cause for scripts, and the same exit status", async () => {
    const run = await doctor(setUp({ url: `http://127.0.0.1:${await freePort()}` }), "--json");
    expect(run.status).toBe(1);
    const result = JSON.parse(run.out) as Result;
    expect(result.passed).toBe(false);
    const failed = result.findings.filter(({ verdict }) => verdict === "failed");
    expect(failed).toEqual([
      expect.objectContaining({ check: "tcp", cause: "connection_refused" }),
    ]);
    expect(failed[0]!.remedy).toContain("output.url");
  });

  test("doctor - a warning alone leaves the exit status at 0", async () => {
    const splunk = await Splunk.start();
    const run = await doctor(setUp({ url: splunk.url, chain: [] }), "--no-send", "--json");
    expect(run.status).toBe(0);
    expect(faultsOf(run)).toContain("config config_doubtful");
    expect(splunk.indexed).toEqual([]);
  });

  test("doctor - a name in the file system cannot write to the terminal", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "logs"));
    writeFileSync(join(directory, "logs", "\u001b[31mred.log"), "");
    const file = setUp({ directory, url: "http://127.0.0.1:1", input: ["exclude: ['*.log']"] });
    const { out } = await doctor(file);
    expect(out).toContain("\\x1b[31mred.log");
    expect(out).not.toContain("\u001b");
  });

  test("doctor - as JSON, too, it cannot, and stays what it says", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "logs"));
    writeFileSync(join(directory, "logs", "0\u009b31m\u202ered.log"), "");
    const file = setUp({ directory, url: "http://127.0.0.1:1", input: ["exclude: ['*.log']"] });
    const { out } = await doctor(file, "--json");
    expect(out).not.toContain("\u009b");
    expect(out).not.toContain("\u202e");
    expect(JSON.stringify(JSON.parse(out))).toContain("\u009b31m\u202ered.log");
  });

  test("doctor - without a file it is a mistake of usage", async () => {
    const { status, err } = await tallyman(["doctor"]);
    expect(status).toBe(2);
    expect(err).toContain("Name one with -c FILE");
  });
});

describe.runIf(spawnSync("unshare", ["-n", "true"]).status === 0)("without a network", () => {
  test.each([
    ["https://splunk.example.com:8088", "dns name_resolution"],
    ["https://192.0.2.1:8088", "tcp unreachable"],
  ])("doctor - names what keeps it from %s", async (url, fault) => {
    const command = ["-n", process.execPath, main, "doctor", "--json", "-c"];
    const file = setUp({ url, output: ["proxy: none"] });
    const { status, stdout } = spawnSync("unshare", [...command, file], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(faultsOf({ out: stdout })).toContain(fault);
  });
});

test("doctor - beside a tallyman that runs it finds nothing, and disturbs nothing", async () => {
  const splunk = await Splunk.start();
  const directory = temporaryDirectory();
  const inputs = [
    `web: { type: hec, listen: "127.0.0.1:${await freePort()}", tokens: [${valid_token}] }`,
    `apps: { type: socket, path: "${directory}/apps.sock" }`,
  ];
  const daemon = await Daemon.start(setUp({ directory, url: splunk.url, inputs }));
  const run = await doctor(join(directory, "config.yaml"), "--json");
  const places = (JSON.parse(run.out) as Result).findings.filter(({ check }) => check === "listen");
  expect(places.map(({ message }) => message)).toEqual([
    expect.stringContaining("the running tallyman"),
    expect.stringContaining("the running tallyman"),
  ]);
  expect(run.status).toBe(0);
  expect(splunk.indexed).toHaveLength(1);
  expect(await daemon.stop()).toBe(0);
});

describe.runIf(process.getuid!() === 0)("with the rights of a user", () => {
  const nobody = ["--user", "nobody", "--no-send", "--json"];

  test("doctor - run as root it says that it sees too much", async () => {
    const run = await doctor(setUp({ url: "http://127.0.0.1:1" }), "--json");
    expect(faultsOf(run)).toContain("user runs_as_root");
  });

  test("doctor - names a file that the user may not read, and who may", async () => {
    const directory = temporaryDirectory();
    const file = setUp({ directory, url: "http://127.0.0.1:1" });
    openToAll(directory);
    chmodSync(join(directory, "logs", "audit.log"), 0o640);
    const run = await inOwnProcess(file, ...nobody);
    expect(faultsOf(run)).toContain("files file_unreadable");
    expect(faultsOf(run)).not.toContain("user runs_as_root");
    const { findings } = JSON.parse(run.out) as Result;
    const { message, remedy } = findings.find(({ cause }) => cause === "file_unreadable")!;
    expect(message).toContain("by user nobody (owner root, group root, mode 0640)");
    expect(remedy).toContain("setfacl -m u:nobody:r ");
  });

  longTest("doctor - names the group that the user would have to be in", async () => {
    const directory = temporaryDirectory();
    const file = setUp({ directory, url: "http://127.0.0.1:1" });
    openToAll(directory);
    spawnSync("chgrp", ["adm", join(directory, "logs", "audit.log")]);
    chmodSync(join(directory, "logs", "audit.log"), 0o640);
    const { findings } = JSON.parse((await inOwnProcess(file, ...nobody)).out) as Result;
    const { remedy } = findings.find(({ cause }) => cause === "file_unreadable")!;
    expect(remedy).toContain("usermod -aG adm nobody");
  });

  test("doctor - without --user it checks as the unit runs: user, groups and credentials", async () => {
    const directory = temporaryDirectory();
    const file = setUp({ directory, url: "http://127.0.0.1:1" });
    writeFileSync(file, readFileSync(file, "utf8").replace(valid_token, "${credential:t}"));
    openToAll(directory);
    spawnSync("chgrp", ["adm", join(directory, "logs", "audit.log")]);
    chmodSync(join(directory, "logs", "audit.log"), 0o640);
    writeFileSync(join(directory, "token"), valid_token, { mode: 0o600 });
    const lines = [
      `ExecStart=/usr/bin/tallyman run -c ${file}`,
      `LoadCredential=t:${directory}/token`,
      "User=nobody",
      "SupplementaryGroups=adm",
    ];
    writeFileSync(join(directory, "tallyman.service"), lines.join("\n"));
    process.env["SYSTEMD_UNIT_PATH"] = directory;
    try {
      const { out } = await inOwnProcess(file, "--no-send");
      expect(out).toMatch(
        /^Checking as user nobody with the groups adm, as tallyman.service runs it/,
      );
      expect(out).toMatch(/^ok +config /m);
      expect(out).not.toContain("cannot be read");
      expect(out).not.toContain("root has permissions");
    } finally {
      delete process.env["SYSTEMD_UNIT_PATH"];
    }
  });

  const closed_modes = [
    ["searched", 0o744],
    ["listed", 0o711],
  ] as const;

  test.each(sampledCases(closed_modes, 2))(
    "doctor - names a directory that cannot be %s",
    long,
    async (participle, mode) => {
      const directory = temporaryDirectory();
      const file = setUp({ directory, url: "http://127.0.0.1:1" });
      openToAll(directory);
      chmodSync(join(directory, "logs"), mode);
      const { findings } = JSON.parse((await inOwnProcess(file, ...nobody)).out) as Result;
      const { message } = findings.find(({ cause }) => cause === "directory_closed")!;
      expect(message).toContain(`${directory}/logs cannot be ${participle} by user nobody`);
    },
  );

  longTest("doctor - names a configuration that the user may not read", async () => {
    const run = await inOwnProcess(setUp({ url: "http://127.0.0.1:1" }), ...nobody);
    expect(faultsOf(run)).toEqual(["config config_unreadable"]);
  });

  longTest("doctor - names a state that root has left behind", async () => {
    const directory = temporaryDirectory();
    const file = setUp({ directory, url: "http://127.0.0.1:1" });
    openToAll(directory);
    mkdirSync(join(directory, "state"), { mode: 0o700 });
    spawnSync("chown", ["nobody", join(directory, "state")]);
    writeFileSync(join(directory, "state", "state.json"), "{}", { mode: 0o600 });
    const run = await inOwnProcess(file, ...nobody);
    expect(faultsOf(run)).toContain("state state_of_another_user");
  });

  longTest("doctor - names a state directory that the user may not write", async () => {
    const directory = temporaryDirectory();
    const file = setUp({ directory, url: "http://127.0.0.1:1" });
    openToAll(directory);
    mkdirSync(join(directory, "state"), { mode: 0o755 });
    const run = await inOwnProcess(file, ...nobody);
    expect(faultsOf(run)).toContain("state state_dir_unwritable");
  });

  longTest("doctor - names a state directory that the user may not create", async () => {
    const directory = temporaryDirectory();
    const file = setUp({ directory, url: "http://127.0.0.1:1" });
    openToAll(directory);
    expect(faultsOf(await inOwnProcess(file, ...nobody))).toContain("state state_dir_unusable");
  });

  longTest(
    "doctor - names an archive that the user may not write, and one whose directory is closed",
    async () => {
      const directory = temporaryDirectory();
      const file = setUp({ directory, url: "http://127.0.0.1:1" });
      writeFileSync(join(directory, "archive.jsonl"), "");
      symlinkSync(join(directory, "archive.jsonl"), join(directory, "link.jsonl"));
      const archives = ["archive.jsonl", "new/archive.jsonl", "link.jsonl"].map(
        (path, number) => `  archive_${number}: { type: file, path: "${join(directory, path)}" }`,
      );
      const text = readFileSync(file, "utf8").replace(/^output:\n[^]*$/m, "outputs:\n");
      writeFileSync(file, `${text}${archives.join("\n")}\n`);
      openToAll(directory);
      const { findings } = JSON.parse((await inOwnProcess(file, ...nobody)).out) as Result;
      const closed = findings.filter(({ cause }) => cause === "archive_closed");
      expect(closed.map(({ message }) => message)).toEqual([
        expect.stringMatching(/archive\.jsonl cannot be written by user nobody/),
        expect.stringContaining(`${directory} cannot be written by user nobody`),
        expect.stringContaining("link.jsonl is a link"),
      ]);
      const as_root = JSON.parse((await doctor(file, "--json")).out) as Result;
      expect(as_root.findings.filter(({ check }) => check === "archive")).toEqual([
        expect.objectContaining({ verdict: "ok" }),
        expect.objectContaining({ verdict: "ok" }),
        expect.objectContaining({ cause: "archive_closed" }),
      ]);
    },
  );

  longTest("doctor - names the directory of a socket that the user may not write", async () => {
    const directory = temporaryDirectory();
    const inputs = [`apps: { type: socket, path: "${directory}/a.sock" }`];
    const file = setUp({ directory, url: "http://127.0.0.1:1", inputs });
    openToAll(directory);
    const run = await inOwnProcess(file, ...nobody);
    expect(faultsOf(run)).toContain("listen socket_directory_closed");
  });

  test.runIf(is_long && first_free_port > 80)(
    "doctor - names a port that only root may have",
    long,
    async () => {
      const directory = temporaryDirectory();
      const inputs = [`web: { type: hec, listen: "127.0.0.1:80", tokens: [${valid_token}] }`];
      const file = setUp({ directory, url: "http://127.0.0.1:1", inputs });
      openToAll(directory);
      expect(faultsOf(await inOwnProcess(file, ...nobody))).toContain("listen port_privileged");
    },
  );

  test("doctor - a user that does not exist is a mistake of usage", async () => {
    const { status, err } = await doctor("config.yaml", "--user", "no-such-user");
    expect(status).toBe(2);
    expect(err).toContain("no-such-user");
  });
});
