/** `tallyman init` without questions: the configuration of each kind, that it holds, and what it does and does not write. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { kind_names, type KindName } from "../../../../src/cli/init/kind-names.ts";
import { kindNamed } from "../../../../src/cli/init/kinds.ts";
import type { Answers } from "../../../../src/cli/init/answers.ts";
import type { Placement } from "../../../../src/cli/init/placement.ts";
import { writeFiles } from "../../../../src/cli/init/writing.ts";
import { tallyman, type Ended } from "../../../support/command-line.ts";
import { long, sampledCases } from "../../../support/effort.ts";
import { Splunk, valid_token } from "../../../support/splunk.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const planted = ["Pl4nted", "Secr3t", "9x"].join("-");
const session = ["Fwo", "GZXIvYXdzEXAMPLE", "x".repeat(40)].join("");
const hexadecimal = Buffer.from(`mysql -p${planted}`).toString("hex").toUpperCase();
const stamp = "2025-03-21T06:37:27.123456789Z";

const s3 = {
  time: stamp,
  api: { name: "GetObject", bucket: "b" },
  requestHeader: { Authorization: `AWS ${planted}`, Cookie: planted, "User-Agent": "aws-cli" },
  requestQuery: { "X-Amz-Security-Token": session, prefix: "kept" },
};

const samples: Readonly<Record<KindName, string | Buffer>> = {
  weka: lines(s3, s3),
  minio: lines(s3, {
    ...s3,
    requestHeader: { "x-amz-server-side-encryption-customer-key": planted },
  }),
  cloudtrail: gzipSync(
    JSON.stringify({
      Records: [1, 2].map((number) => ({
        eventVersion: "1.08",
        eventTime: stamp,
        eventSource: "sts.amazonaws.com",
        eventName: "AssumeRole",
        eventID: `kept-${number}`,
        responseElements: { credentials: { sessionToken: session, secretAccessKey: planted } },
      })),
    }),
  ),
  kubernetes: lines(
    kubernetes(
      { resource: "secrets" },
      { requestObject: { kind: "Secret", data: { a: planted } } },
    ),
    kubernetes(
      { resource: "pods", subresource: "exec" },
      { requestURI: `/x?command=-p${planted}` },
    ),
    kubernetes(
      { resource: "pods" },
      { requestObject: { spec: { env: [{ name: "A", value: planted }] } } },
    ),
    kubernetes({ resource: "pods" }, { stage: "RequestReceived", kept: planted }),
  ),
  auditd: [1, 2]
    .flatMap((number) => [
      `type=SYSCALL msg=audit(1742539047.123:${number}): arch=c000003e syscall=59 a0=7ffd1a2b a1=10 exe="/bin/ls" key="kept"`,
      `type=EXECVE msg=audit(1742539047.123:${number}): argc=3 a0="mysql" a1="-p${planted}" a2=${hexadecimal}`,
      `type=EXECVE msg=audit(1742539047.123:${number}): argc=3 a0="curl" a1="--user" a2="ann:${planted}"`,
      `type=EXECVE msg=audit(1742539047.123:${number}): argc=2 a0="tool" a1="--user" a2=${hexadecimal}`,
      `type=EXECVE msg=audit(1742539047.123:${number}): argc=1 a0_len=9000 a0[0]=${hexadecimal}`,
      `type=PROCTITLE msg=audit(1742539047.123:${number}): proctitle=${hexadecimal}`,
      `type=TTY msg=audit(1742539047.123:${number}): tty pid=1 comm="bash" data=${hexadecimal}`,
    ])
    .map((line) => `${line}\n`)
    .join(""),
  nginx:
    `192.0.2.1 - ann [21/Mar/2025:06:37:27 +0000] "GET /kept?access_token=${planted} HTTP/1.1" 200 12 "https://h/?password=${planted}" "curl"\n`.repeat(
      5,
    ),
  file: lines(
    { at: stamp, user: "kept", password: planted },
    { at: stamp, url: `https://a:${planted}@h/` },
  ),
};

function lines(...events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

function kubernetes(objectRef: object, more: object): object {
  const common = {
    kind: "Event",
    auditID: "kept",
    verb: "get",
    requestURI: "/",
    stage: "ResponseComplete",
  };
  return { ...common, requestReceivedTimestamp: stamp, objectRef, ...more };
}

/** No unit of this machine has a say. */
const units_of_none = { SYSTEMD_UNIT_PATH: "/nowhere" };

interface Place {
  readonly folder: string;
  readonly config: string;
  readonly log: string;
  readonly token: string;
}

let splunk: Splunk;
let place: Place;

beforeEach(async () => {
  splunk = await Splunk.start();
  place = placeIn(temporaryDirectory());
});

function placeIn(folder: string): Place {
  const token = join(folder, "given-token");
  writeFileSync(token, `${valid_token}\n`, { mode: 0o600 });
  const at = join(folder, "made");
  return { folder, config: join(at, "config.yaml"), log: join(folder, "audit.log"), token };
}

/** Runs it with --yes. */
function init(kind: string, words: readonly string[] = []): Promise<Ended> {
  const { config, token } = place;
  const given = ["--output", config, "--url", splunk.url, "--token-file", token, "--no-send"];
  return tallyman(["init", kind, "--yes", ...given, ...words], units_of_none);
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** What the chain of the configuration makes of the log, with nothing hidden. */
async function outcome(log: string): Promise<string> {
  const { out, err } = await tallyman(["try", "-c", place.config, log, "--json", "--reveal"]);
  expect(err).toBe("");
  const events = out.trimEnd().split("\n").slice(0, -1);
  const sent = events.map((line) => JSON.parse(line) as { fate: string; after?: string });
  return sent.flatMap(({ fate, after }) => (fate === "kept" ? [after!] : [])).join("\n");
}

describe("each kind", () => {
  test.each(sampledCases(kind_names, 3))(
    "init %s - writes a configuration that holds, and nothing secret passes it",
    long,
    async (kind) => {
      const log = kind === "cloudtrail" ? `${place.log}.json.gz` : place.log;
      writeFileSync(log, samples[kind]);
      const { status, out, err } = await init(kind, ["--path", log, "--index", "audit_index"]);
      expect({ status, err }).toEqual({ status: 0, err: "" });
      expect(out).toContain("0 failed");
      expect(out + readFileSync(place.config, "utf8")).not.toContain(valid_token);
      const text = readFileSync(place.config, "utf8")
        .replaceAll(place.folder, "/FOLDER")
        .replaceAll(splunk.url, "https://SPLUNK");
      await expect(text).toMatchFileSnapshot(`golden/${kind}.txt`);
      const sent = await outcome(log);
      expect(sent).toContain("kept");
      for (const secret of [planted, session, hexadecimal]) expect(sent).not.toContain(secret);
      expect(sent).toContain("[REDACTED]");
      // What only looks like it stays.
      if (kind === "auditd") {
        expect(sent).toContain("a0=7ffd1a2b a1=10 ");
        const command = Buffer.from("mysql ").toString("hex").toUpperCase();
        expect(sent).toContain(`proctitle=${command}`);
        expect(sent).not.toMatch(/(?:data|a0\[0\])=\d/);
      }
    },
  );

  test.each(["weka", "minio"])(
    "init %s - without files it listens, with a token of its own",
    async (kind) => {
      const { status, out } = await init(kind);
      expect(status).toBe(0);
      const text = readFileSync(place.config, "utf8")
        .replaceAll(place.folder, "/FOLDER")
        .replaceAll(splunk.url, "https://SPLUNK");
      await expect(text).toMatchFileSnapshot(`golden/${kind}-webhook.txt`);
      const token = join(dirname(place.config), `${kind}_token`);
      expect(readFileSync(token, "utf8")).toMatch(/^[0-9a-f-]{36}\n$/);
      expect(modeOf(token)).toBe("600");
      expect(out).not.toContain(readFileSync(token, "utf8").trim());
      expect(out).toContain(`$(cat ${token})`);
      writeFileSync(place.log, samples[kind as KindName]);
      const sent = await outcome(place.log);
      expect(sent).toContain("kept");
      expect(sent).not.toContain(planted);
    },
  );
});

describe("files", () => {
  test("init - the token is stored for its owner alone, and nowhere else", async () => {
    const { status, out } = await init("weka");
    expect({ status, token: out.includes(valid_token) }).toEqual({ status: 0, token: false });
    const stored = join(dirname(place.config), "splunk_token");
    expect(readFileSync(stored, "utf8")).toBe(`${valid_token}\n`);
    expect([modeOf(stored), modeOf(place.config)]).toEqual(["600", "644"]);
    expect(readFileSync(place.config, "utf8")).not.toContain(valid_token);
    const made = readdirSync(dirname(place.config)).toSorted();
    expect(made).toEqual(["config.yaml", "splunk_token", "weka_token"]);
  });

  test("init - overwrites nothing without --force (init_refused), and then keeps the senders' token", async () => {
    expect((await init("weka")).status).toBe(0);
    const before = readFileSync(place.config, "utf8");
    const senders = readFileSync(join(dirname(place.config), "weka_token"), "utf8");
    const refused = await init("weka", ["--index", "other"]);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain(
      `cannot write ${place.config}: it is there already; give --force`,
    );
    expect(readFileSync(place.config, "utf8")).toBe(before);
    writeFileSync(place.token, "another-token\n");
    const also = await init("weka");
    expect(also.err).toContain(join(dirname(place.config), "splunk_token"));
    expect((await init("weka", ["--index", "other", "--force"])).status).toBe(0);
    expect(readFileSync(place.config, "utf8")).toContain('index: "other"');
    expect(readFileSync(join(dirname(place.config), "weka_token"), "utf8")).toBe(senders);
    expect(readFileSync(join(dirname(place.config), "splunk_token"), "utf8")).toBe(
      "another-token\n",
    );
  });

  test("init - the configuration as the package brought it is nobody's work", async () => {
    mkdirSync(dirname(place.config));
    writeFileSync(place.config, readFileSync("packaging/config.yaml"));
    expect((await init("weka")).status).toBe(0);
    writeFileSync(place.config, `${readFileSync("packaging/config.yaml", "utf8")}\n# changed\n`);
    expect((await init("weka")).status).toBe(1);
  });

  test("init - a link is not written through, and no token follows it", async () => {
    mkdirSync(dirname(place.config));
    const victim = join(place.folder, "victim");
    writeFileSync(victim, "as it was");
    symlinkSync(victim, place.config);
    const { status, err } = await init("weka", ["--force"]);
    expect({ status, err }).toMatchObject({ status: 1, err: /a symbolic link/.exec(err)?.input });
    expect(readFileSync(victim, "utf8")).toBe("as it was");
    expect(readdirSync(dirname(place.config))).toEqual(["config.yaml"]);
  });

  test("init - a stored token is used again, and closed where it was open to others", async () => {
    const stored = join(dirname(place.config), "splunk_token");
    expect((await init("weka")).status).toBe(0);
    chmodSync(stored, 0o644);
    expect((await init("weka", ["--force"])).status).toBe(0);
    expect(modeOf(stored)).toBe("600");
    const given = ["--output", place.config, "--url", splunk.url, "--no-send", "--force"];
    const kept = await tallyman(["init", "minio", "--yes", ...given], units_of_none);
    expect(kept.status).toBe(0);
    expect(kept.out).not.toContain(`wrote ${stored}`);
    expect(readFileSync(stored, "utf8")).toBe(`${valid_token}\n`);
  });

  test("init - what was written is taken back where the rest cannot be", async () => {
    const blocked = join(place.folder, "file");
    writeFileSync(blocked, "");
    const stored = {
      path: join(place.folder, "stored"),
      reference: "",
      mode: 0o600,
      group: undefined,
    };
    const placement: Placement = {
      config: join(blocked, "config.yaml"),
      unit: undefined,
      splunk_token: stored,
      webhookToken: () => stored,
      admin_socket: undefined,
    };
    const answers: Answers = {
      kind: kindNamed("auditd"),
      source: { kind: "files", globs: [place.log] },
      url: splunk.url,
      token: valid_token,
      index: undefined,
      sourcetype: undefined,
    };
    await expect(writeFiles(answers, placement, { text: "x", replaces: false })).rejects.toThrow(
      `cannot write ${placement.config}: `,
    );
    expect(readdirSync(place.folder).toSorted()).toEqual(["file", "given-token"]);
  });
});

describe("what is missing or wrong", () => {
  const words = async (...given: string[]): Promise<Ended> =>
    tallyman(["init", ...given], units_of_none);

  test("init - a token among the arguments is refused, and is not repeated", async () => {
    const given = ["weka", "--yes", "--url", "http://127.0.0.1:8088", "--token", "0123-abcd"];
    const { status, out, err } = await words(...given, "--output", place.config);
    expect(status).toBe(2);
    expect(err).toContain("--token-file FILE, or with --token-stdin");
    expect(out + err).not.toContain("0123-abcd");
  });

  test("init - all that is missing is said at once, with the places that were looked at", async () => {
    const { status, err } = await words("kubernetes", "--yes", "--output", place.config);
    expect(status).toBe(2);
    expect(err).toContain("--url");
    expect(err).toContain("--token-file FILE or --token-stdin");
    expect(err).toContain("--path PATH: there is no log of kubernetes in the usual places:");
    expect(err).toContain("/var/log/kubernetes/audit/audit.log");
    expect(existsSync(place.config)).toBe(false);
  });

  test("init - all that is wrong is said at once, without the token", async () => {
    writeFileSync(place.token, `Splunk ${valid_token}\n`);
    const given = ["--url", "splunk", "--index", "Not-One", "--token-file", place.token];
    const { status, err } = await words("auditd", "--yes", "--listen", "x", ...given);
    expect(status).toBe(2);
    for (const part of [
      "--url: expected a URL",
      "--index: not a valid",
      "--listen: ",
      'remove "Splunk "',
    ])
      expect(err).toContain(part);
    expect(err).not.toContain(valid_token);
  });

  test("init - a kind that is not known: what was likely meant", async () => {
    const { status, err } = await words("kubernets", "--yes");
    expect({ status, err }).toMatchObject({
      status: 2,
      err: /did you mean "kubernetes"/.exec(err)?.input,
    });
    const broken = await words("weka", "--yes", "--output", `${place.config}\nadmin: {}`);
    expect(broken).toMatchObject({ status: 2, out: "" });
    expect((await words("--yes")).err).toContain("name the kind of logs: weka, minio");
  });

  test("init - without a terminal it names the options that answer its questions", async () => {
    const { status, err } = await words("file", "--url", splunk.url);
    expect(status).toBe(2);
    expect(err).toContain(
      "Give --yes and what it would ask for: file, --token-file FILE (or --token-stdin), --path PATH",
    );
  });

  test("init - Splunk cannot be reached: it says so, and the files stay", async () => {
    await splunk.refuse();
    const { status, out } = await init("weka");
    expect(status).toBe(0);
    expect(out).toContain("ECONNREFUSED");
    expect(out).toContain("The configuration is written, and stays.");
    expect(existsSync(place.config)).toBe(true);
    await splunk.listen();
  });
});
