/** tallyman(1) and tallyman.yaml(5): that they say all that the help and the schemas say, and that man has no complaint. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configSections } from "../../../scripts/docs/config-sections.ts";
import { allCommands, moreOf } from "../../../scripts/package/completions/command-tree.ts";
import { configPage } from "../../../scripts/package/config-page.ts";
import { manPage } from "../../../scripts/package/man-page.ts";
import { loadPlugins } from "../../../src/chain/plugins/load-plugins.ts";
import { isInstalled } from "../../support/commands.ts";
import { long, sampledCases } from "../../support/effort.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const version = "1.2.3";
const date = "2026-01-02";
const plugins = [...(await loadPlugins()).values()].map(({ plugin }) => plugin);
const pages = {
  "tallyman.1": manPage(version, date),
  "tallyman.yaml.5": configPage(plugins, version, date),
};

/** A page as `man` shows it on lines of a width, without the spaces that it adds. */
function shownPage(name: keyof typeof pages, width: number): { text: string; complaints: string } {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, pages[name]);
  const env = {
    ...process.env,
    MANWIDTH: String(width),
    LC_ALL: "C.UTF-8",
    MAN_KEEP_FORMATTING: "",
  };
  const run = spawnSync("man", ["--warnings", "--nh", "--nj", "-l", file], {
    encoding: "utf8",
    env,
  });
  return { text: folded(run.stdout), complaints: run.stderr };
}

const folded = (text: string): string => text.replaceAll(/\s+/g, " ");

describe.runIf(isInstalled("man"))("man", () => {
  test("man page - has every command, option and example, as the help has them", () => {
    const { text, complaints } = shownPage("tallyman.1", 1000);
    expect(complaints).toBe("");
    for (const { name, command, options } of allCommands()) {
      expect(text).toContain(name);
      for (const { flags, description } of options) {
        expect(text).toContain(`${flags} ${folded(description)}`);
      }
      const { paragraphs, examples } = moreOf(command);
      for (const each of [...paragraphs, ...examples]) expect(text).toContain(folded(each));
    }
    expect(text).toContain("SEE ALSO tallyman.yaml(5)");
  });
});

describe.runIf(isInstalled("man"))("man of the configuration", () => {
  test("man page - has every option with its type, default and meaning, as the schemas have them", () => {
    const { text, complaints } = shownPage("tallyman.yaml.5", 10_000);
    expect(complaints).toBe("");
    const rows = configSections(plugins).flatMap((section) => section.rows);
    expect(rows.length).toBeGreaterThan(200);
    for (const { name, type, default: value, meaning } of rows) {
      expect(text).toContain(` ${name} ${plain(type)}`);
      for (const each of [value, meaning]) expect(text).toContain(plain(each));
    }
    expect(text).toContain("A mistyped option never passes for its default.");
    expect(text).toContain("token: ${env:SPLUNK_HEC_TOKEN}");
    expect(text).toContain("SEE ALSO tallyman(1)");
  });

  test.each(sampledCases([80, 120], 2))(
    "man page - has nothing to complain of on a terminal of %i columns",
    long,
    (width) => {
      expect(shownPage("tallyman.yaml.5", width).complaints).toBe("");
    },
  );
});

/** Markdown as a page shows it. */
function plain(markdown: string): string {
  return folded(markdown)
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replaceAll(/`([^`]+)`/g, "$1")
    .replaceAll(/\*\*([^*]+)\*\*/g, "$1");
}

describe("man page", () => {
  test.each([
    ["tallyman.1", "TALLYMAN 1"],
    ["tallyman.yaml.5", "TALLYMAN.YAML 5"],
  ] as const)(
    "man page - %s says its version and date, and no line is a request by accident",
    (name, title) => {
      const page = pages[name];
      expect(page).toContain(`.TH ${title} "2026-01-02" "tallyman 1.2.3"`);
      const requests = page.split("\n").filter((line) => line.startsWith("."));
      for (const each of requests) {
        expect(each).toMatch(/^\.(TH|SH|SS|TP|IP|PP|B|BR|I|EX|EE|br|nh)( |$)/);
      }
    },
  );
});
