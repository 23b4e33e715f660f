/** What a plugin throws, as its author sees it in `tallyman try`: whole where secrets are shown, and else nothing of its message. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tallyman } from "../../../support/command-line.ts";
import { main } from "../../../support/program.ts";
import { writeConfiguration } from "../../../support/configuration.ts";

const planted = ["Pl4nted", "Secr3t", "9x"].join("-");

const plugin = `export default {
  name: "picky",
  create: () => (event) => {
    const value = event.get("password");
    if (value !== undefined) check(value);
    return event;
  },
};
function check(value) {
  if (value === "none") throw "just a text";
  throw new RangeError("cannot use " + value);
}
`;

/** The command line of `try` on three events, of which the plugin throws on two. */
function commandOf(words: string[]): string[] {
  const file = writeConfiguration(`state_dir: state
plugins_dir: plugins
inputs: { audit: { paths: ["/var/log/audit*.log"] } }
chain: [{ picky: {} }]
output: { url: "https://splunk.example.com:8088", token: abc }
`);
  const directory = dirname(file);
  mkdirSync(join(directory, "plugins"));
  writeFileSync(join(directory, "plugins", "picky.mjs"), plugin);
  const log = join(directory, "audit.log");
  const events = [{ password: planted }, { a: 1 }, { password: "none" }];
  writeFileSync(log, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return ["try", "-c", file, log, ...words];
}

test("try - what a plugin throws is shown with its message and its places, where secrets are", async () => {
  // In a process of its own: the test runner writes stacks otherwise.
  const command = [main, ...commandOf(["--reveal"])];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  expect(stdout).toContain(`    RangeError: cannot use ${planted}\n`);
  expect(stdout).toMatch(
    /\n {8}at check \(file:\S+picky\.mjs:11:9\)\n {8}at \S+ \(file:\S+picky\.mjs:5:\d+\)\n {4}\{/,
  );
  expect(stdout).toContain("    just a text\n");
  expect(stdout).not.toContain("sha256");
  const { out } = await tallyman(commandOf(["--reveal", "--json"]));
  const [first] = out.split("\n", 1).map((line) => JSON.parse(line) as { thrown: string[] });
  expect(first!.thrown[0]).toBe(`RangeError: cannot use ${planted}`);
});

test("try - what a plugin throws is not shown where secrets are hidden, but how to see it", async () => {
  for (const words of [[], ["--json"]]) {
    const { out, err } = await tallyman(commandOf(words));
    expect(out).not.toContain("cannot use");
    expect(out + err).not.toContain(planted);
    expect(out).toContain(words.length === 0 ? "--reveal shows its message" : '"thrown":"hidden"');
  }
});
