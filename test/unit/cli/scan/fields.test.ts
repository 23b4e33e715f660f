/** The fields of a log: paths, kinds, and no values. */
import { expect, test } from "vitest";
import type { JsonValue } from "../../../../src/event/event.ts";
import { parsePath, pathOfKeys } from "../../../../src/event/scan/path.ts";
import { Fields, type Looker } from "../../../../src/cli/scan/fields.ts";

const blind: Looker = { look: () => undefined, lookAtKey: () => false };

function fieldsOf(events: readonly JsonValue[], looker: Looker = blind): Fields {
  const fields = new Fields();
  for (const event of events) fields.add(event, looker);
  return fields;
}

function pathsOf(fields: Fields): string[] {
  return [...fields.all()].map(({ keys }) => pathOfKeys(keys));
}

test("fields - are the paths of all values, each once, in the order in which they came", () => {
  const fields = fieldsOf([
    { api: { name: "a" }, list: [{ id: 1 }, { id: 2, name: "x" }] },
    { "a.b": true, api: { name: "b", bucket: null } },
  ]);
  expect(pathsOf(fields)).toEqual([
    "api.name",
    "api.bucket",
    "list[*].id",
    "list[*].name",
    '["a.b"]',
  ]);
  const id = [...fields.all()].find(({ key }) => key === "id");
  expect(id).toMatchObject({ count: 2 });
  expect([...id!.kinds]).toEqual(["number"]);
});

test("fields - go on in JSON inside strings, as far as redact looks", () => {
  const inner = JSON.stringify({ token: "x", deeper: JSON.stringify({ key: "y" }) });
  const fields = fieldsOf([{ log: inner }]);
  expect(pathsOf(fields)).toEqual(["log", "log.token", "log.deeper", "log.deeper.key"]);
});

test("fields - are paths that redact takes", () => {
  const fields = fieldsOf([{ 'quoted "key"': [[1]], $a: { "/b": 1, "c d": { "e*": 2 } } }]);
  const paths = pathsOf(fields);
  expect(paths).toHaveLength(3);
  for (const path of paths) expect(() => parsePath(path)).not.toThrow();
});

test("fields - a key that is a secret itself is not shown", () => {
  const looker: Looker = { look: () => undefined, lookAtKey: (_, key) => key.startsWith("AKIA") };
  const fields = fieldsOf([{ users: { AKIAEXAMPLE: { uses: 1 } } }], looker);
  expect(pathsOf(fields)).toEqual(["users[*].uses"]);
});

test("fields - keys that are made of values do not fill the memory, and are counted", () => {
  const events = Array.from({ length: 2000 }, (_, number) => ({ by_user: { [`u${number}`]: 1 } }));
  const fields = fieldsOf(events);
  expect(pathsOf(fields)).toHaveLength(256);
  expect(fields.beyond).toBe(2000 - 256);
});

test("fields - what is nested without end ends somewhere", () => {
  let value: JsonValue = "x";
  for (let depth = 0; depth < 300; depth += 1) value = { a: value };
  const fields = fieldsOf([value]);
  expect(fields.beyond).toBe(1);
});
