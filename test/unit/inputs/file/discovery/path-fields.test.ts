/** Indexed fields that the path of a file says: which they are, and that they are fields as any other. */
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compileInputs } from "../../../../../src/agent/setup/compile.ts";
import { loadPlugins } from "../../../../../src/chain/plugins/load-plugins.ts";
import { Block } from "../../../../../src/event/block.ts";
import { LogEvent } from "../../../../../src/event/log-event.ts";
import { pathFieldsOf } from "../../../../../src/inputs/file/discovery/path-fields.ts";
import { Ledger } from "../../../../../src/ledger/ledger.ts";
import { silentLogger } from "../../../../../src/platform/log.ts";
import { complaintsAbout, load } from "../../../../support/configuration.ts";
import { follow } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

const pods = "^/var/log/pods/(?<namespace>[^/_]+)_(?<pod>[^/_]+)_[^/]+/(?<container>[^/]+)/";
const containers = "/(?<pod>[^/_]+)_(?<namespace>[^/_]+)_(?<container>[^/]+)-[0-9a-f]{64}\\.log$";

it.each([
  [pods, "/var/log/pods/shop_web-1_0b1c/app/0.log", ["shop", "web-1", "app"]],
  [
    containers,
    `/var/log/containers/web-1_shop_app-x-${"0a".repeat(32)}.log`,
    ["shop", "web-1", "app-x"],
  ],
])("path fields - %s finds what %s says", (pattern, path, [namespace, pod, container]) => {
  expect(pathFieldsOf(pattern)(path)).toEqual({ namespace, pod, container });
});

it("path fields - a path that does not match has none, and a group that took no part is none", () => {
  expect(pathFieldsOf(pods)("/var/log/pods/x/0.log")).toBe(undefined);
  expect(pathFieldsOf("(?<a>x)|(?<b>y)")("/y")).toEqual({ b: "y" });
  expect(pathFieldsOf("(?<a>x*)")("/y")).toBe(undefined);
});

it.each([
  ["(?<pod>", "missing closing ): `(?<pod>`"],
  ["^/var/(.*)$", "names no field: write a group with a name, such as (?<pod>[^/_]+)"],
])("path fields - %j is refused where it stands", async (pattern, message) => {
  const text = `inputs:\n  pods: { paths: [/a], metadata: { fields_from_path: '${pattern}' } }\noutput: { type: stdout }\n`;
  const complaints = await complaintsAbout(text);
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toMatch(/^2:\d+ inputs\.pods\.metadata\.fields_from_path: /);
  expect(complaints[0]).toContain(message);
});

it("path fields - they are made once for a file, stay when it is rotated, and change with the configuration", async () => {
  const directory = join(temporaryDirectory(), "shop_web-1");
  mkdirSync(directory);
  const path = join(directory, "0.log");
  writeFileSync(path, "one\n");
  const following = await follow({ paths: [path] });
  const found: unknown[] = [];
  following.onBlock = ({ origin: { metadata } }) => found.push(metadata.fields);
  let calls = 0;
  const counted = (pattern: string) => (given: string) => {
    calls += 1;
    return pathFieldsOf(pattern)(given);
  };
  const metadata = { fields: { zone: "a" } };
  following.input.describe({ metadata, path_fields: counted("/(?<namespace>[^/_]+)_[^/]*/") });
  await following.lineCount(1);
  const before = calls;
  for (const number of [2, 3, 4]) {
    appendFileSync(path, "more\n");
    await following.lineCount(number);
  }
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, "last\n");
  await following.lineCount(5);
  expect(calls).toBe(before);
  expect(found.slice(1)).toEqual(
    Array.from({ length: 4 }, () => ({ namespace: "shop", zone: "a" })),
  );
  // Those of the configuration go before.
  following.input.describe({ metadata, path_fields: counted("(?<zone>shop)(?<more>_)") });
  writeFileSync(path, "next\n");
  await following.lineCount(6);
  expect(found.at(-1)).toEqual({ zone: "a", more: "_" });
});

it("path fields - redact finds them, and they are no part of the metadata's own options", async () => {
  const config = await load(
    `inputs: { pods: { paths: [/a], metadata: { fields_from_path: '/(?<token>\\w+)/(?<pod>\\w+)' } } }
chain: [{ redact: { fields: [token] } }]
output: { type: stdout }
`,
  );
  const [compiled] = await compileInputs(config, silentLogger, await loadPlugins(undefined));
  const { chain, origin } = compiled!;
  expect(Object.keys(origin.metadata)).toEqual(["host"]);
  const bytes = Buffer.from('{"a":1}');
  const block = new Block({
    origin: { ...origin, stream: "/a", metadata: { fields: origin.path_fields!("/abc/web") } },
    receipt: new Ledger().openStream("pods", undefined, 0).open(1, bytes.length, bytes.length),
    bytes,
    starts: Int32Array.of(0),
    ends: Int32Array.of(bytes.length),
    count: 1,
    offset: 0,
    read_at_ms: 0,
  });
  const event = new LogEvent(block, 0, chain.scanner);
  expect(chain.run(event)).toBe(undefined);
  expect(event.metadata.fields).toEqual({ token: "[REDACTED]", pod: "web" });
});
