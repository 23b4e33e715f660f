/** The app for Splunk as it is packed: its layout, and the public rules of Splunk's AppInspect. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { appFiles, buildSplunkApp } from "../../../scripts/package/splunk-app.ts";
import { app, dashboards, readConf } from "../../support/splunk-app/app.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const date = new Date("2026-01-02T03:04:05Z");

function build(): string {
  return buildSplunkApp({ date, into: temporaryDirectory(), work: temporaryDirectory() });
}

/** What `tar` says of each file: mode, owner, time, path. */
function entriesOf(file: string): { mode: string; owner: string; time: string; path: string }[] {
  const env = { ...process.env, TZ: "UTC", LC_ALL: "C" };
  const lines = execFileSync("tar", ["--full-time", "-tvzf", file], { encoding: "utf8", env });
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [mode = "", owner = "", , day = "", hour = "", path = ""] = line.split(/\s+/);
      return { mode, owner, time: `${day} ${hour}`, path };
    });
}

test("splunk app - is one folder, which belongs to root and which nobody else may write, nothing in it hidden or local", () => {
  const file = build();
  expect(basename(file)).toBe(`tallyman-${version}.spl`);
  const entries = entriesOf(file);
  for (const { mode, owner, time, path } of entries) {
    expect([path, owner, time]).toEqual([path, "root/root", "2026-01-02 03:04:05"]);
    expect(mode, path).toBe(path.endsWith("/") ? "drwxr-xr-x" : "-rw-r--r--");
    expect(path).toMatch(/^tallyman\//);
    expect(path).not.toMatch(/\/\.|\/local\/|local\.meta|~$|\.(pyc?|sh|exe|so|tgz)$/);
  }
  const paths = entries.map(({ path }) => path.replace("tallyman/", ""));
  const files = ["app", "props", "fields", "macros", "savedsearches"].map(
    (name) => `default/${name}.conf`,
  );
  const others = [
    "README.md",
    "LICENSE",
    "app.manifest",
    "metadata/default.meta",
    "default/data/ui/nav/default.xml",
  ];
  expect(paths).toEqual(expect.arrayContaining([...files, ...others]));
});

test("splunk app - built again, it is the same to the byte, whatever the umask", () => {
  const first = readFileSync(build());
  const before = process.umask(0o077);
  const second = readFileSync(build());
  process.umask(before);
  expect(second.equals(first)).toBe(true);
});

test("splunk app - what Splunk or an editor leaves in its folder is not packed", () => {
  const folder = temporaryDirectory();
  for (const path of ["local", "metadata", "default", ".git"]) mkdirSync(join(folder, path));
  const left = ["local/macros.conf", "metadata/local.meta", ".git/config", "default/.app.conf.swp"];
  for (const path of [...left, "default/app.conf", "metadata/default.meta"]) {
    writeFileSync(join(folder, path), "");
    chmodSync(join(folder, path), 0o600);
  }
  expect(appFiles(folder)).toEqual(["default/app.conf", "metadata/default.meta"]);
});

test("splunk app - says its name and tallyman's version wherever Splunk looks for them", () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const conf = Object.fromEntries(readConf("default/app.conf"));
  expect(conf).toMatchObject({
    install: { state: "enabled" },
    package: { id: "tallyman", check_for_updates: "false" },
    id: { name: "tallyman", version },
    launcher: { version },
    ui: { is_visible: "true", label: "tallyman" },
  });
  expect(conf["launcher"]!["description"]!.length).toBeLessThan(200);
  const manifest: unknown = JSON.parse(readFileSync(join(app, "app.manifest"), "utf8"));
  expect(manifest).toMatchObject({
    schemaVersion: "2.0.0",
    info: { id: { name: "tallyman", version } },
  });
});

test("splunk app - gives everybody reading and administrators writing, and only what other apps need to all of them", () => {
  const meta = Object.fromEntries(readConf("metadata/default.meta"));
  expect(meta).toEqual({
    "": { access: "read : [ * ], write : [ admin, sc_admin ]", export: "none" },
    props: { export: "system" },
    fields: { export: "system" },
    macros: { export: "system" },
  });
});

test("splunk app - schedules nothing by itself, and says when it would: each alert at minutes of its own", () => {
  const minutes: string[] = [];
  const of_proof = ["missing numbers", "silent lanes", "changed keys"];
  const of_agents = [
    "silent agents",
    "gaps",
    "repeated lifecycle",
    "unclean ends",
    "silent inputs",
  ];
  const names = [...of_agents, ...of_proof];
  const saved = readConf("default/savedsearches.conf");
  expect([...saved.keys()]).toEqual(names.map((name) => `tallyman - ${name}`));
  for (const [name, stanza] of saved) {
    expect(stanza, name).toMatchObject({
      enableSched: "0",
      counttype: "number of events",
      relation: "greater than",
      quantity: "0",
      "alert.track": "1",
      "dispatch.earliest_time": expect.stringMatching(/^-\d+d@d$/),
      "dispatch.latest_time": expect.stringMatching(/^(now|\+1h)$/),
    });
    expect(stanza["description"], name).toMatch(/\.$/);
    const [, minute] = /^([\d,]+) \* \* \* \*$/.exec(stanza["cron_schedule"]!) ?? [];
    minutes.push(...minute!.split(","));
    // One that goes by the time of indexing misses nothing, and reports nothing twice.
    const [, window] = /_index_earliest=-(\d+)m@m _index_latest=@m/.exec(stanza["search"]!) ?? [];
    if (window !== undefined) expect(Number(window) * minute!.split(",").length).toBe(60);
  }
  expect(new Set(minutes).size).toBe(minutes.length);
});

test("splunk app - its menu shows its dashboards, and pages that every Splunk has", () => {
  const nav = readFileSync(join(app, "default/data/ui/nav/default.xml"), "utf8");
  const shown = [...nav.matchAll(/<view name="([a-z_]+)"( default="true")? \/>/g)];
  const own = dashboards().map(({ name }) => name);
  expect(shown.map(([, name]) => name)).toEqual([...own, "search", "reports", "alerts"]);
  expect(shown.filter(([, , is_first]) => is_first)).toHaveLength(1);
});

test("splunk app - has Splunk keep a seal whole: it is signed as it stands, and longer than an event may be by itself", () => {
  const seals = readConf("default/props.conf").get("tallyman:seal");
  expect(seals).toMatchObject({ TRUNCATE: "0", SHOULD_LINEMERGE: "false" });
  expect(Object.keys(seals!).filter((name) => /^(SEDCMD|TRANSFORMS|CHARSET)/.test(name))).toEqual(
    [],
  );
});
