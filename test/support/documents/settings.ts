/** Checks of the settings of other programs that stand in documents: units of systemd, auditd's, logrotate's, nginx's. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { isInstalled } from "../commands.ts";
import { temporaryDirectory } from "../temporary.ts";
import { placeOf, repository, type CodeBlock } from "./blocks.ts";

/** Of auditd.conf(5), what documents name. */
const auditd_settings = new Set([
  "log_group",
  "log_format",
  "max_log_file",
  "max_log_file_action",
  "num_logs",
]);

/** Of postgresql.conf and pgaudit, what documents name. */
const postgresql_settings = [
  "shared_preload_libraries",
  "pgaudit.log",
  "pgaudit.log_parameter",
  "log_destination",
  "log_line_prefix",
  "log_timezone",
];

/** Of MySQL's audit log, what documents name. */
const mysql_settings = [
  "audit_log_format",
  "audit_log_file",
  "audit_log_rotate_on_size",
  "audit_log_max_size",
];
const program_settings = new Set([...auditd_settings, ...postgresql_settings, ...mysql_settings]);

/** Of logrotate(8), what documents name. */
const logrotate_directives = new Set(
  (
    "create copytruncate delaycompress compress nocompress missingok notifempty rotate daily weekly size maxsize " +
    "sharedscripts postrotate endscript su"
  ).split(" "),
);

/** Of nginx, what documents name at the level of `http`. */
const nginx_directives = new Set(["log_format", "access_log"]);

/** What drop-ins of units set, and units that somebody makes of ours. */
const unit_settings = new Set(
  (
    "ReadWritePaths ProtectHome SystemCallFilter IPAddressDeny IPAddressAllow SupplementaryGroups LoadCredential " +
    "MemoryMax Environment EnvironmentFile CapabilityBoundingSet AmbientCapabilities ListenStream ListenDatagram " +
    "FileDescriptorName Service SocketMode SocketGroup LimitNOFILE After ExecStart Restart RestartSec StateDirectory User WantedBy"
  ).split(" "),
);

export function checkIni(block: CodeBlock): void {
  const lines = block.text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const keys = lines.flatMap((line) => /^([\w.]+) ?=/.exec(line)?.[1] ?? []);
  const sections = lines.filter((line) => /^\[\w+\]$/.test(line));
  expect(keys.length + sections.length, placeOf(block)).toBe(lines.length);
  const known = sections.length > 0 ? unit_settings : program_settings;
  expect(
    keys.filter((key) => !known.has(key)),
    placeOf(block),
  ).toEqual([]);
  if (sections.length > 0 && isInstalled("systemd-analyze")) verifyDropIn(block);
}

/** Has systemd read the unit with the block as a drop-in of it. */
function verifyDropIn(block: CodeBlock): void {
  const directory = temporaryDirectory();
  const section = /^\[(\w+)\]/.exec(block.text)?.[1];
  const unit = section === "Socket" ? "tallyman.socket" : "tallyman.service";
  for (const each of ["tallyman.service", "tallyman.socket"]) {
    copyFileSync(join(repository, "systemd", each), join(directory, each));
  }
  mkdirSync(join(directory, `${unit}.d`));
  writeFileSync(join(directory, `${unit}.d`, "override.conf"), block.text);
  const { stdout, stderr } = spawnSync(
    "systemd-analyze",
    ["verify", "--man=no", join(directory, unit)],
    { encoding: "utf8", env: { ...process.env, SYSTEMD_UNIT_PATH: `${directory}:` } },
  );
  const said = (stdout + stderr).split("\n").filter((line) => line.includes("override.conf"));
  expect(said, placeOf(block)).toEqual([]);
}

export function checkLogrotate(block: CodeBlock): void {
  const directives = block.text.split("\n").flatMap((line, number, lines) => {
    const script = lines.slice(0, number).findLast((each) => /postrotate|endscript/.test(each));
    const is_script = script?.includes("postrotate") === true && !line.includes("endscript");
    const [, word] = /^\s+(\w+)/.exec(line) ?? [];
    return is_script || word === undefined ? [] : [word];
  });
  expect(directives, placeOf(block)).not.toEqual([]);
  expect(
    directives.filter((word) => !logrotate_directives.has(word)),
    placeOf(block),
  ).toEqual([]);
  if (!isInstalled("logrotate")) return;
  const directory = temporaryDirectory();
  const file = join(directory, "rotation.conf");
  // It looks for the owner, whom only the reader's machine has.
  const text = block.text.replaceAll(/create (\d+) \w+ \w+/g, "create $1 root root");
  writeFileSync(file, text, { mode: 0o644 });
  const run = spawnSync("logrotate", ["-d", "-s", join(directory, "state"), file], {
    encoding: "utf8",
  });
  expect(run.stderr, placeOf(block)).not.toMatch(/^error: .*rotation\.conf/m);
}

/** nginx itself reads them in test/e2e/package/recipes.test.ts. */
export function checkNginx(block: CodeBlock): void {
  const directives = block.text.split(";\n").map((each) => /^\s*(\w+)/.exec(each)?.[1] ?? "");
  expect(directives.length, placeOf(block)).toBeGreaterThan(0);
  expect(
    directives.filter((each) => each !== "" && !nginx_directives.has(each)),
    placeOf(block),
  ).toEqual([]);
}
