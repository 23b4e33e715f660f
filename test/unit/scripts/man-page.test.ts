/** tallyman(1): that it says all that the help says, and that man has no complaint. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allCommands, moreOf } from "../../../scripts/package/command-tree.ts";
import { manPage } from "../../../scripts/package/man-page.ts";
import { isInstalled } from "../../support/commands.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** The page as `man` shows it on a line of any length, without the spaces that it adds. */
function shownPage(): { text: string; complaints: string } {
  const file = join(temporaryDirectory(), "tallyman.1");
  writeFileSync(file, manPage("1.2.3", "2026-01-02"));
  const env = { ...process.env, MANWIDTH: "1000", LC_ALL: "C.UTF-8", MAN_KEEP_FORMATTING: "" };
  const run = spawnSync("man", ["--warnings", "--nh", "--nj", "-l", file], {
    encoding: "utf8",
    env,
  });
  return { text: folded(run.stdout), complaints: run.stderr };
}

const folded = (text: string): string => text.replaceAll(/\s+/g, " ");

describe.runIf(isInstalled("man"))("man", () => {
  test("man page - has every command, option and example, as the help has them", () => {
    const { text, complaints } = shownPage();
    expect(complaints).toBe("");
    for (const { name, command, options } of allCommands()) {
      expect(text).toContain(name);
      for (const { flags, description } of options) {
        expect(text).toContain(`${flags} ${folded(description)}`);
      }
      const { paragraphs, examples } = moreOf(command);
      for (const each of [...paragraphs, ...examples]) expect(text).toContain(folded(each));
    }
  });
});

describe("man page", () => {
  test("man page - says its version and date, and no line is a request by accident", () => {
    const page = manPage("1.2.3", "2026-01-02");
    expect(page).toContain('.TH TALLYMAN 1 "2026-01-02" "tallyman 1.2.3"');
    const requests = page.split("\n").filter((line) => line.startsWith("."));
    for (const each of requests) {
      expect(each).toMatch(/^\.(TH|SH|SS|TP|PP|B|BR|I|EX|EE|br)( |$)/);
    }
  });
});
