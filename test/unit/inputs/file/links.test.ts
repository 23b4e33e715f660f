/** Links, hard links and what is no file: what is followed of it, and what nobody can have followed. */
import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Admission } from "../../../../src/inputs/file/discovery/admission.ts";
import { lookAt } from "../../../../src/inputs/file/discovery/file-access.ts";
import { OwnFiles } from "../../../../src/inputs/file/discovery/own-files.ts";
import { fileInputOptions } from "../../../../src/inputs/file/options.ts";
import { lookWhereGlobLeads } from "../../../../src/inputs/file/matching-files.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { is_long, long } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { follow, type FileFollowing } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const nobody = 65534;
const is_root = process.getuid!() === 0;

/** A directory of the pattern that belongs to another user, and one with a secret of root's beside it. */
function strangersDirectory(): { logs: string; secrets: string; secret: string } {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const [logs, secrets] = [join(directory, "logs"), join(directory, "secrets")];
  mkdirSync(logs);
  chownSync(logs, nobody, nobody);
  mkdirSync(secrets, { mode: 0o700 });
  const secret = join(secrets, "token.log");
  writeFileSync(secret, "secret\n", { mode: 0o600 });
  writeFileSync(join(logs, "own.log"), "own\n");
  return { logs, secrets, secret };
}

/** A link of another user's. */
function strangersLink(target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, nobody, nobody);
}

function refusedBy({ input }: FileFollowing): string[] {
  return input
    .status()
    .files.refused.map(({ path, reason }) => `${reason} ${path.split("/").at(-1)}`)
    .sort();
}

describe.runIf(is_root)("links of others", () => {
  it("links - one that leads out is not followed, and is said once with what to do", async () => {
    const { logs, secret } = strangersDirectory();
    strangersLink(secret, join(logs, "a.log"));
    const following = await follow({ paths: [join(logs, "*.log")] });
    await following.polls(4);
    appendFileSync(secret, "more\n");
    await following.polls(4);
    expect(following.lines).toEqual(["own"]);
    expect(refusedBy(following)).toEqual(["link_untrusted a.log"]);
    expect(following.log.codesAt("warn")).toEqual(["path_refused"]);
    const [warning] = following.log.at("warn").map(({ message }) => message);
    expect(warning).toContain(`${logs}/a.log is a link to ${secret}`);
    expect(warning).toContain(`user ${nobody}`);
    expect(warning).toContain("follow_links: always");
  });

  it("links - root's own in a directory of another's is not, either: he can move what it goes through", async () => {
    const { logs, secret } = strangersDirectory();
    symlinkSync(secret, join(logs, "a.log"));
    const following = await follow({ paths: [join(logs, "*.log")] });
    await following.polls(3);
    expect(following.lines).toEqual(["own"]);
    expect(refusedBy(following)).toEqual(["link_untrusted a.log"]);
  });

  it.each([0o777, 0o775, 0o1777])(
    "links - a target in a directory of mode %o is not",
    async (mode) => {
      const { logs, secret, secrets } = strangersDirectory();
      chownSync(logs, 0, 0);
      symlinkSync(secret, join(logs, "a.log"));
      chmodSync(secrets, mode);
      const following = await follow({ paths: [join(logs, "*.log")] });
      await following.polls(3);
      expect(following.lines).toEqual(["own"]);
      chmodSync(secrets, 0o755);
      await following.lineCount(2);
      expect(refusedBy(following)).toEqual([]);
    },
  );

  it("links - a link on the way that belongs to another is not, however many hops it takes", async () => {
    const { logs, secrets, secret } = strangersDirectory();
    chownSync(logs, 0, 0);
    strangersLink(secret, join(secrets, "hop"));
    symlinkSync(join(secrets, "hop"), join(secrets, "first"));
    symlinkSync("../secrets/first", join(logs, "a.log"));
    const following = await follow({ paths: [join(logs, "*.log")] });
    await following.polls(3);
    expect(following.lines).toEqual(["own"]);
  });

  it("links - to a directory, in the pattern's fixed part or below, are judged alike", async () => {
    const { logs, secrets } = strangersDirectory();
    strangersLink(secrets, join(logs, "sub"));
    const paths = [join(logs, "*", "*.log"), join(logs, "sub", "token.log")];
    const following = await follow({ paths });
    await following.polls(3);
    expect(following.lines).toEqual([]);
    expect(refusedBy(following)).toEqual(["link_untrusted sub"]);
    expect(following.input.status().files.unmatched).toEqual([]);
  });

  it("links - within the pattern's directories lead to no file of another user's", async () => {
    const { logs } = strangersDirectory();
    const base = join(logs, "..");
    strangersLink(join(base, "secrets", "token.log"), join(logs, "a.log"));
    const following = await follow({ paths: [join(base, "logs*", "*.log")] });
    await following.polls(3);
    expect(following.lines).toEqual(["own"]);
  });

  it("links - a link that becomes untrusted is not read on, and where it was once it is trusted", async () => {
    const { logs, secret } = strangersDirectory();
    chownSync(logs, 0, 0);
    symlinkSync(secret, join(logs, "a.log"));
    const first = await follow({ paths: [join(logs, "*.log")], follow_links: "always" });
    await first.lineCount(2);
    const state = await first.stop();
    chownSync(logs, nobody, nobody);
    appendFileSync(secret, "two\n");
    const second = await follow({ paths: [join(logs, "*.log")], state });
    await second.polls(4);
    expect(second.lines).toEqual([]);
    chownSync(logs, 0, 0);
    await second.lineCount(1);
    chownSync(logs, nobody, nobody);
    await eventually(() => refusedBy(second).length === 1);
    appendFileSync(secret, "three\n");
    await second.polls(10);
    expect(second.lines).toEqual(["two"]);
    chownSync(logs, 0, 0);
    await second.lineCount(2);
    expect(second.lines).toEqual(["two", "three"]);
    expect(second.lost_bytes).toBe(0);
  });

  it("links - a hard link to another's file is not followed where others may write", async () => {
    const { logs, secret } = strangersDirectory();
    linkSync(secret, join(logs, "a.log"));
    writeFileSync(join(logs, "mine"), "mine\n");
    chownSync(join(logs, "mine"), nobody, nobody);
    linkSync(join(logs, "mine"), join(logs, "b.log"));
    const following = await follow({ paths: [join(logs, "*.log")] });
    await following.lineCount(2);
    await following.polls(3);
    expect([...following.lines].sort()).toEqual(["mine", "own"]);
    expect(refusedBy(following)).toEqual(["hard_link a.log"]);
    expect(following.input.status().files.unmatched).toEqual([]);
    const always = await follow({ paths: [join(logs, "a.log")], follow_links: "always" });
    await always.lineCount(1);
  });

  it("links - a hard link with a name that rotation makes is not, either", async () => {
    const { logs, secret } = strangersDirectory();
    const following = await follow({ paths: [join(logs, "own.log")] });
    await following.lineCount(1);
    linkSync(secret, join(logs, "own.log.1"));
    await eventually(() => refusedBy(following).length === 1);
    expect(refusedBy(following)).toEqual(["hard_link own.log.1"]);
    expect(following.lines).toEqual(["own"]);
  });

  it("links - a hard link with a name that a copy would have is not gone on in, either", async () => {
    const { logs, secret } = strangersDirectory();
    const path = join(logs, "app.log");
    // What begins with NUL bytes has no fingerprint by which a copy of it could be told.
    writeFileSync(path, Buffer.alloc(5));
    utimesSync(path, 1000, 1000);
    const following = await follow({ paths: [path] });
    await following.polls(3);
    linkSync(secret, join(logs, "app.log.1"));
    truncateSync(path);
    await following.polls(4);
    rmSync(path);
    await following.polls(4);
    expect(following.lines).toEqual([]);
    const state = await following.stop();
    const again = await follow({ paths: [path], state });
    await again.polls(4);
    expect(again.lines).toEqual([]);
  });

  it("links - of a hard link the directory is judged that has it, whatever is in its place by now", async () => {
    const { logs, secret } = strangersDirectory();
    linkSync(secret, join(logs, "a.log"));
    const look = await lookAt(secret);
    const admission = new Admission("trusted", new OwnFiles(() => [], systemClock));
    const place = { directory: logs, name: "a.log" };
    expect(await admission.refusalOfHardLink(place, look)).toMatchObject({ reason: "hard_link" });
    renameSync(logs, `${logs}.aside`);
    symlinkSync(dirname(secret), logs);
    await expect(admission.refusalOfHardLink(place, look)).rejects.toThrow(/ENOENT|ENOTDIR/);
    rmSync(logs);
    mkdirSync(logs);
    await expect(admission.refusalOfHardLink(place, look)).rejects.toThrow("ENOENT");
    writeFileSync(join(logs, "a.log"), "another\n");
    await expect(admission.refusalOfHardLink(place, look)).rejects.toThrow("target has changed");
  });

  it("links - nobody who swaps files, links and directories gets a file in", long, async () => {
    const { logs, secrets, secret } = strangersDirectory();
    mkdirSync(join(logs, "real"));
    writeFileSync(join(logs, "real", "token.log"), "mine\n");
    // A file or a link, and a directory or a link to one, are in the same place by turns, as often as there is time for.
    const swaps = `
      const fs = require("node:fs");
      process.chdir(process.argv[1]);
      for (let turn = 0; turn < ${is_long ? 1500 : 400}; turn += 1) {
        fs.writeFileSync("next", "plain\\n");
        fs.renameSync("next", "swap.log");
        fs.symlinkSync(process.argv[2], "next");
        fs.renameSync("next", "swap.log");
        fs.renameSync("real", "dir");
        fs.renameSync("dir", "real");
        fs.symlinkSync(process.argv[3], "dir");
        fs.unlinkSync("dir");
      }`;
    const swapping = spawn(process.execPath, ["-e", swaps, logs, secret, secrets], {
      stdio: "ignore",
      uid: nobody,
      gid: nobody,
    });
    onTestFinished(() => void swapping.kill("SIGKILL"));
    const ended = new Promise((resolve) => swapping.once("exit", resolve));
    const paths = [join(logs, "*.log"), join(logs, "*", "*.log")];
    const following = await follow({ paths, poll_interval: "10ms" });
    await ended;
    await following.polls(5);
    expect(following.lines).not.toContain("secret");
    expect(following.lines).toContain("own");
  });
});

describe("links that are meant", () => {
  it("links - of rotation lead to files beside them and below, whoever the directory belongs to", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "2026"));
    const files = [join(directory, "app.2026.txt"), join(directory, "2026", "b.txt")];
    files.forEach((file, number) => {
      writeFileSync(file, `${number}\n`);
      if (is_root) chownSync(file, nobody, nobody);
    });
    const links = [join(directory, "current.log"), join(directory, "latest.log")];
    symlinkSync("app.2026.txt", links[0]!);
    symlinkSync("2026/b.txt", links[1]!);
    if (is_root) {
      for (const link of links) lchownSync(link, nobody, nobody);
      chownSync(directory, nobody, nobody);
    }
    const following = await follow({ paths: [join(directory, "*.log")] });
    await following.lineCount(2);
    expect([...following.lines].sort()).toEqual(["0", "1"]);
    expect(following.log.at("warn")).toEqual([]);
  });

  it("links - root's lead anywhere through root's directories, as those of containers do", async () => {
    const directory = temporaryDirectory();
    for (const name of ["containers", "pods/web", "docker/1"]) {
      mkdirSync(join(directory, name), { recursive: true });
    }
    writeFileSync(join(directory, "docker/1/1-json.log"), "one\n");
    symlinkSync(join(directory, "docker/1/1-json.log"), join(directory, "pods/web/0.log"));
    symlinkSync(join(directory, "pods/web/0.log"), join(directory, "containers/web.log"));
    // A fixed part that is a link, as where /var/log is on another disk.
    symlinkSync("containers", join(directory, "fixed"));
    const following = await follow({ paths: [join(directory, "fixed", "*.log")] });
    await following.lineCount(1);
    expect(following.records[0]!.source).toBe(join(directory, "fixed/web.log"));
    expect(following.log.at("warn")).toEqual([]);
  });

  it("links - none is followed where follow_links says never, and it is said", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a.log"), "one\n");
    symlinkSync("a.log", join(directory, "b.log"));
    const following = await follow({ paths: [join(directory, "*.log")], follow_links: "never" });
    await following.lineCount(1);
    expect(refusedBy(following)).toEqual(["link b.log"]);
  });

  it.each(["trusted", "always"])(
    "links - to devices and the kernel are never followed: %s",
    async (follow_links) => {
      const directory = temporaryDirectory();
      symlinkSync("/proc/self/fd/0", join(directory, "a.log"));
      symlinkSync("/proc/version", join(directory, "b.log"));
      symlinkSync("/sys/kernel", join(directory, "c"));
      symlinkSync("/dev/zero", join(directory, "d.log"));
      symlinkSync("/proc/self/cwd/package.json", join(directory, "e.log"));
      const paths = [join(directory, "*.log"), join(directory, "*", "*"), "/proc/version"];
      const following = await follow({ paths, follow_links });
      await following.polls(3);
      expect(following.lines).toEqual([]);
      expect(refusedBy(following)).toEqual([
        "device d.log",
        "kernel a.log",
        "kernel b.log",
        "kernel c",
        "kernel e.log",
        "kernel proc",
      ]);
    },
  );
});

describe("what is no file", () => {
  it("no file - pipes, sockets and directories are said, not opened, and not called missing", async () => {
    const directory = temporaryDirectory();
    const [pipe, below, socket] = ["pipe", "below", "socket"].map((name) => join(directory, name));
    execFileSync("mkfifo", [pipe!]);
    mkdirSync(below!);
    const server = createServer().listen(socket);
    onTestFinished(() => void server.close());
    // A writer waits until somebody opens the pipe for reading.
    const writer = spawn("sh", ["-c", 'echo written > "$1"', "sh", pipe!]);
    onTestFinished(() => void writer.kill("SIGKILL"));
    await eventually(() => readFileSync(`/proc/${writer.pid}/wchan`, "utf8") !== "");
    const paths = [pipe!, below!, socket!];
    const following = await follow({ paths });
    await following.polls(5);
    expect(writer.exitCode).toBe(null);
    const { refused, unmatched } = following.input.status().files;
    expect(unmatched).toEqual([]);
    expect(refused.map(({ path, message }) => `${path} ${message}`)).toEqual([
      `${pipe} is a named pipe: not followed; use type socket or stdin`,
      `${below} is a directory: write ${below}/*`,
      `${socket} is a socket: not followed; use type socket, which makes one that programs write to`,
    ]);
    expect(following.log.codesAt("warn")).toEqual(refused.map(() => "path_refused"));
    expect(following.log.of("path_refused").map(({ message }) => message)).toEqual(
      refused.map(({ path, message }) => `Not followed: ${path} ${message}`),
    );
    rmSync(pipe!);
    writeFileSync(pipe!, "one\n");
    await following.lineCount(1);
    await eventually(() => refusedBy(following).length === 2);
  });

  it("no file - a file that a pipe takes the place of is read to its end, and the pipe never opened", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "a.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    execFileSync("mkfifo", [join(directory, "pipe")]);
    appendFileSync(path, "two\n");
    renameSync(path, join(directory, "a.log.1"));
    renameSync(join(directory, "pipe"), path);
    const writer = spawn("sh", ["-c", 'echo written > "$1"', "sh", path]);
    onTestFinished(() => void writer.kill("SIGKILL"));
    await following.lineCount(2);
    await following.polls(10);
    expect(following.lines).toEqual(["one", "two"]);
    expect(writer.exitCode).toBe(null);
  });

  it("no file - directories beside the files of a pattern are no matter", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "sub"));
    writeFileSync(join(directory, "a.log"), "one\n");
    const following = await follow({ paths: [join(directory, "*")] });
    await following.lineCount(1);
    expect(refusedBy(following)).toEqual([]);
  });
});

it.runIf(is_root)(
  "a lead - says what would not be followed, as check and doctor have it",
  async () => {
    const { logs, secret } = strangersDirectory();
    strangersLink(secret, join(logs, "a.log"));
    linkSync(secret, join(logs, "b.log"));
    const facts = { clock: systemClock, log: new CollectedLog(), own: [] };
    const options = fileInputOptions.parse({ paths: [logs] });
    const lead = await lookWhereGlobLeads(join(logs, "*.log"), options, facts);
    expect(lead.files.map(({ path }) => path)).toEqual([join(logs, "own.log")]);
    expect(lead.refused.map(({ reason }) => reason).sort()).toEqual([
      "hard_link",
      "link_untrusted",
    ]);
  },
);
