/** Links of the documents lead somewhere, and every document can be reached. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { documents, repository } from "../../support/documents/blocks.ts";
import { anchorsOf, linksOf, pathsNamedIn } from "../../support/documents/links.ts";

const isElsewhere = (target: string): boolean => /^[a-z]+:/.test(target);

/** The file that a link of `file` leads to, from the top of the repository. */
function fileOf(file: string, target: string): string {
  const [path = ""] = target.split("#");
  return path === "" ? file : normalize(join(dirname(file), path)).replace(/\/$/, "");
}

test.each([...documents, "CHANGELOG.md"])(
  "links - of %s lead to files and headings that are there",
  (file) => {
    const wrong = linksOf(file).filter((target) => {
      if (isElsewhere(target)) return !target.startsWith("https://");
      const [, anchor] = target.split("#");
      const to = fileOf(file, target);
      if (!existsSync(join(repository, to))) return true;
      return anchor !== undefined && !anchorsOf(to).has(anchor);
    });
    expect(wrong).toEqual([]);
  },
);

test.each([...documents, "CHANGELOG.md"])("links - %s names only files that are there", (file) => {
  expect(pathsNamedIn(file).filter((path) => !existsSync(join(repository, path)))).toEqual([]);
});

test("links - from the README lead to every document", () => {
  const reached = new Set(["README.md"]);
  for (const file of reached) {
    for (const target of linksOf(file).filter((each) => !isElsewhere(each))) {
      const to = fileOf(file, target);
      const is_folder = statSync(join(repository, to)).isDirectory();
      const found = documents.filter((each) => (is_folder ? dirname(each) === to : each === to));
      for (const each of found) reached.add(each);
    }
  }
  expect(documents.filter((file) => !reached.has(file))).toEqual([]);
});

test("links - a wrong one would be found", () => {
  expect(linksOf("README.md").length).toBeGreaterThan(10);
  expect(anchorsOf("docs/delivery.md")).toContain("several-outputs");
  expect(anchorsOf("docs/delivery.md")).not.toContain("no-such-heading");
  expect(pathsNamedIn("docs/architecture.md")).toContain("src/event/scanner.ts");
});
