/** How the page is bundled: every warning that there is has its advice in the docs, and the styles stay inside their element. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { adviceIn, withStyles } from "../../../scripts/bundle/page.ts";

const advice = adviceIn(readFileSync("docs/operations/monitoring.md", "utf8"));

test("page - every warning has its advice, as plain text", () => {
  const sources = globSync("src/admin/status/*.ts").map((file) => readFileSync(file, "utf8"));
  const made = sources.flatMap((source) =>
    Array.from(source.matchAll(/\b(?:problem|hint|warn)\(\s*"([a-z0-9_]+)"/g), ([, code]) => code!),
  );
  expect(made.length).toBeGreaterThan(20);
  expect(made.filter((code) => advice[code] === undefined)).toEqual([]);
  expect(Object.values(advice).filter((text) => /[`\]|]/.test(text))).toEqual([]);
});

test("page - its style sheet comes inside, at its one place, and cannot end early", () => {
  const link = '<link rel="stylesheet" href="page.css" />';
  expect(withStyles(`<head>${link}</head>`, "p { margin: 0 }")).toBe(
    "<head><style>p { margin: 0 }</style></head>",
  );
  expect(() => withStyles("<head></head>", "")).toThrow("no <link");
  expect(() => withStyles(link + link, "")).toThrow("no <link");
  expect(() => withStyles(link, "/* </style> */")).toThrow("would end");
});
