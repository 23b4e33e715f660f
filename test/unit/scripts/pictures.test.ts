/** The pictures of the documents: how a terminal is drawn, and that those that there are show the program as it is. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runsOf } from "../../../scripts/pictures/styled-text.ts";
import { terminalPicture } from "../../../scripts/pictures/terminal-picture.ts";
import { inputsTable, outputsTable, stepsTable } from "../../../src/cli/status/tables.ts";
import { documents, readDocument, repository } from "../../support/documents/blocks.ts";
import { inputStatus, statusOf } from "../../support/reports/status.ts";

/** Each picture that a document shows, from the top of the repository. */
const shown = documents.flatMap((file) =>
  Array.from(readDocument(file).matchAll(/\b(?:src|srcset)="([^"]+)"/g), ([, path]) =>
    join(dirname(file), path!),
  ),
);
const folder = "docs/pictures";
/** Columns that are there only where an input is behind. */
const of_a_backlog = new Set(["BEHIND", "LEFT"]);

test("pictures - those that documents show are there, and each that is there is shown", () => {
  expect(shown.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
  const there = globSync(`${folder}/*`, { cwd: repository });
  expect(there.length).toBeGreaterThan(8);
  expect(there.filter((path) => !shown.includes(path))).toEqual([]);
});

test("pictures - a document says what is in a picture for those who do not see it", () => {
  for (const file of documents) {
    const images = readDocument(file).match(/<img [^>]*>/g) ?? [];
    expect(
      images.filter((image) => !/ alt="[^"]{30,}"/.test(image)),
      file,
    ).toEqual([]);
  }
});

test("pictures - of status and top have the tables that the program has", () => {
  const status = statusOf({ inputs: [inputStatus("audit")] });
  const tables = [inputsTable, outputsTable, stepsTable].map((make) =>
    make(status, [], "worst first"),
  );
  const always = tables.flatMap(({ title, head, optional }) => [
    title.split(" ")[0]!,
    ...head.filter((column) => !of_a_backlog.has(column) && !optional.includes(column)),
  ]);
  expect(always).toContain("EVENTS/S");
  for (const name of ["status", "top"]) {
    const words = wordsIn(`${folder}/${name}.svg`);
    expect(
      always.filter((word) => !words.includes(word)),
      name,
    ).toEqual([]);
  }
});

test("pictures - hold nothing of the machine that they were made on but the demo's folder", () => {
  for (const path of globSync(`${folder}/*.svg`, { cwd: repository })) {
    const paths = wordsIn(path).match(/(?<![\w/])\/(?:tmp|home|root|work)\/[^\s<]*/g) ?? [];
    const others = paths.filter((each) => !each.startsWith("/tmp/audit-demo/"));
    expect(others, basename(path)).toEqual([]);
  }
});

test("pictures - a terminal's text is drawn at its place with its colours, and nothing else gets in", () => {
  const screen = "\u001b[1mA <b>\u001b[0m  c\n\u001b[36m▁█\u001b[39m \u001b[7m x \u001b[0m\n\n";
  expect(runsOf(screen)[0]).toEqual([
    { column: 0, text: "A <b>", style: expect.objectContaining({ is_bold: true }) as unknown },
    { column: 5, text: "  c", style: expect.objectContaining({ is_bold: false }) as unknown },
  ]);
  const picture = terminalPicture(screen, { title: "a & b", description: "what", columns: 10 });
  expect(picture).toContain('<text class="bold" x="18" y="66" textLength="42"');
  expect(picture).toContain(">A &lt;b></text>");
  expect(picture).toContain('x="76.8"');
  expect(picture.match(/fill="var\(--cyan\)"/g)).toHaveLength(1);
  expect(picture).toContain('<rect x="43.2" y="71" width="25.2" height="19" fill="var(--ink)"/>');
  expect(picture).toContain("$ a &amp; b");
  expect(() => runsOf("\u001b[2J")).toThrow("not a sequence for colours");
  expect(() => runsOf("\u001b[38m")).toThrow("no colour of these pictures");
});

/** All words of an SVG, as it shows them. */
function wordsIn(path: string): string {
  return readFileSync(join(repository, path), "utf8").replaceAll(/<[^>]*>/g, " ");
}
