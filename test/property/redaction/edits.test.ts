/** Edits against a model: a tree of the record that is changed one node at a time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogEvent } from "../../../src/event/log-event.ts";
import { Path } from "../../../src/event/scan/path.ts";
import type { Segment } from "../../../src/event/scan/path.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { StepFailure } from "../../../src/platform/step-failure.ts";
import { sampled } from "../../support/effort.ts";
import { json_object_text, json_text } from "../../support/random/json-arbitraries.ts";
import type { Node } from "../../support/random/reference-json.ts";
import { parseReference, select } from "../../support/random/reference-json.ts";
import { eventOf, outputOf, textOf } from "../../support/events/single-event.ts";
import { timeRule } from "../../support/events/time-rules.ts";

const large_bytes = 40_000;

const key = fc
  .constantFrom("a", "b", "c", "A", "ab")
  .map((name): Segment => ({ kind: "key", name }));
const index = fc.nat(2).map((number): Segment => ({ kind: "index", index: number }));
const wild = fc.constantFrom<Segment>({ kind: "any" }, { kind: "deep" });

const segments = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: key },
    { weight: 2, arbitrary: index },
    { weight: 1, arbitrary: wild },
  ),
  { minLength: 1, maxLength: 3 },
);

const path = fc
  .tuple(segments, fc.boolean())
  .map(([parts, ignore_case]) => new Path(JSON.stringify(parts), parts, { ignore_case }));

const value = fc.constantFrom('"R"', "7", "null", '{"a":1,"b":{"c":2}}', "[1,[2]]", "{}", "[]");

type Operation =
  | ["replace" | "set", Path, string]
  | ["delete" | "read" | "cut", Path]
  | ["move", Path, Path]
  | ["select", Path, Path];

const place = fc
  .array(fc.oneof({ weight: 3, arbitrary: key }, { weight: 1, arbitrary: index }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => new Path(JSON.stringify(parts), parts));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(fc.constant("replace" as const), path, value),
  fc.tuple(fc.constant("set" as const), path, value),
  fc.tuple(fc.constant("delete" as const), path),
  fc.tuple(fc.constant("read" as const), path),
  fc.tuple(fc.constant("cut" as const), path),
  fc.tuple(fc.constant("move" as const), place, place),
  fc.tuple(fc.constant("select" as const), path, path),
);

/** What `cut` makes of a string. */
function cut(text: string): string {
  return text.length > 2 ? `${text.slice(0, 2)}{` : text;
}

/** A copy of the tree that has its own text in every scalar. */
interface Tree {
  scalar?: string;
  members?: { key: string; value: Tree }[];
  items?: Tree[];
}

function treeOf(text: string, node: Node = parseReference(text)): Tree {
  if (node.members !== undefined) {
    return { members: node.members.map((m) => ({ key: m.key, value: treeOf(text, m.value) })) };
  }
  if (node.items !== undefined) return { items: node.items.map((item) => treeOf(text, item)) };
  return { scalar: text.slice(node.start, node.end) };
}

function compact(tree: Tree): string {
  if (tree.members !== undefined) {
    const members = tree.members.map((m) => `${JSON.stringify(m.key)}:${compact(m.value)}`);
    return `{${members.join(",")}}`;
  }
  if (tree.items !== undefined) return `[${tree.items.map(compact).join(",")}]`;
  return tree.scalar!;
}

/** The nodes at the path, the outer before the inner ones. */
function at(tree: Tree, wanted: Path): Tree[] {
  let position = 0;
  const number = (node: Tree): Node & { tree: Tree } => {
    const start = position;
    position += 1;
    const members = node.members?.map((m) => ({ key: m.key, value: number(m.value) }));
    const items = node.items?.map(number);
    return {
      tree: node,
      start,
      end: position,
      ...(members === undefined ? {} : { members }),
      ...(items === undefined ? {} : { items }),
    };
  };
  return select(number(tree), wanted).map((node) => (node as Node & { tree: Tree }).tree);
}

function overwrite(node: Tree, by: Tree): void {
  delete node.scalar;
  delete node.members;
  delete node.items;
  Object.assign(node, structuredClone(by));
}

function remove(tree: Tree, gone: Set<Tree>): void {
  if (tree.members) tree.members = tree.members.filter((m) => !gone.has(m.value));
  if (tree.items) tree.items = tree.items.filter((item) => !gone.has(item));
  for (const child of tree.items ?? tree.members?.map((m) => m.value) ?? []) remove(child, gone);
}

/** Puts a value where there is none; false where that is refused. */
function add(root: Tree, wanted: Path, text: string): boolean {
  const fold = (name: string): string => (wanted.ignore_case ? name.toLowerCase() : name);
  let parent = root;
  let depth = 0;
  for (; depth < wanted.segments.length - 1; depth += 1) {
    const segment = wanted.segments[depth]!;
    const next =
      segment.kind === "key"
        ? parent.members?.findLast((m) => fold(m.key) === fold(segment.name))?.value
        : segment.kind === "index"
          ? parent.items?.[segment.index]
          : undefined;
    if (next === undefined) break;
    parent = next;
  }
  let made = treeOf(text);
  for (const segment of wanted.segments.slice(depth + 1).toReversed()) {
    if (segment.kind === "key") made = { members: [{ key: segment.name, value: made }] };
    else if (segment.kind === "index" && segment.index === 0) made = { items: [made] };
    else return false;
  }
  const segment = wanted.segments[depth]!;
  if (parent.scalar === "null") {
    if (segment.kind === "index" && segment.index > 0) return false;
    overwrite(parent, segment.kind === "key" ? { members: [] } : { items: [] });
  }
  if (segment.kind === "key" && parent.members !== undefined) {
    parent.members.push({ key: segment.name, value: made });
    return true;
  }
  if (segment.kind === "index" && parent.items?.length === segment.index) {
    parent.items.push(made);
    return true;
  }
  return false;
}

function isPlace(wanted: Path): boolean {
  return wanted.segments.every(({ kind }) => kind === "key" || kind === "index");
}

function isWithin(wanted: Path, other: Path): boolean {
  return other.segments.every(
    (segment, number) => JSON.stringify(segment) === JSON.stringify(wanted.segments[number]),
  );
}

function moveInModel(root: Tree, from: Path, to: Path): number | "refused" {
  if (isWithin(to, from) && !isWithin(from, to)) return "refused";
  const moved = at(root, from).at(-1);
  if (moved === undefined) return 0;
  if (isWithin(to, from)) return 1;
  const replaced = at(root, to);
  const copy = structuredClone(moved);
  for (const node of replaced) overwrite(node, copy);
  if (replaced.length === 0 && !add(root, to, compact(copy))) return "refused";
  if (!isWithin(from, to)) remove(root, new Set(at(root, from)));
  return 1;
}

/** Removes what is not kept, and says how many members and items. */
function keepOnly(tree: Tree, kept: Set<Tree>): number {
  const keeps = (node: Tree): boolean => kept.has(node) || childrenOf(node).some(keeps);
  const children = childrenOf(tree);
  const gone = children.filter((child) => !keeps(child));
  remove(tree, new Set(gone));
  const rest = children.filter((child) => keeps(child) && !kept.has(child));
  return rest.reduce((count, child) => count + keepOnly(child, kept), gone.length);
}

function childrenOf(tree: Tree): Tree[] {
  return tree.items ?? tree.members?.map((member) => member.value) ?? [];
}

function cutInModel(nodes: readonly Tree[]): number {
  let count = 0;
  for (const node of nodes) {
    if (node.scalar?.startsWith('"') !== true || node.scalar.length <= 4) continue;
    const text = JSON.parse(node.scalar) as string;
    if (cut(text) === text) continue;
    node.scalar = JSON.stringify(cut(text));
    count += 1;
  }
  return count;
}

function applyToModel(root: Tree, [kind, wanted, text]: Operation): number | "refused" {
  const nodes = at(root, wanted);
  switch (kind) {
    case "read":
      return nodes.length;
    case "delete": {
      const below = nodes.filter((node) => node !== root);
      remove(root, new Set(below));
      return below.length;
    }
    case "cut":
      return cutInModel(nodes);
    case "move":
      return moveInModel(root, wanted, text);
    case "select": {
      const kept = new Set([...nodes, ...at(root, text)]);
      if (kept.has(root)) return 0;
      return root.scalar === undefined ? keepOnly(root, kept) : "refused";
    }
    case "set":
    case "replace":
      if (nodes.length === 0 && kind === "set" && isPlace(wanted)) {
        return add(root, wanted, text) ? 0 : "refused";
      }
      for (const node of nodes) overwrite(node, treeOf(text));
      return kind === "set" ? 0 : nodes.length;
    default:
      return kind satisfies never;
  }
}

const refusal = /^(cannot set|a value cannot be moved|only from an object)/;

function applyToEvent(event: LogEvent, [kind, wanted, text]: Operation): number | "refused" {
  try {
    switch (kind) {
      case "read":
        expect(event.has(wanted)).toBe(event.get(wanted) !== undefined);
        return event.getAll(wanted).length;
      case "delete":
        return event.delete(wanted);
      case "cut":
        return event.mapStrings(wanted, cut, 2);
      case "move":
        return event.move(wanted, text) ? 1 : 0;
      case "select":
        return event.select([wanted, text]);
      case "replace":
        return event.replace(wanted, JSON.parse(text));
      case "set":
        event.set(wanted, JSON.parse(text));
        return 0;
      default:
        return kind satisfies never;
    }
  } catch (error) {
    if (error instanceof StepFailure && refusal.test(error.message)) return "refused";
    throw error;
  }
}

describe("edits", () => {
  sampled(
    "edits - any sequence of them is what the model says",
    { sample: 200, all: 5000 },
    (runs) => {
      fc.assert(
        fc.property(
          fc.oneof(json_object_text, json_text),
          fc.array(operation, { minLength: 1, maxLength: 6 }),
          fc.boolean(),
          fc.constantFrom(0, 0, large_bytes),
          (text, operations, at_start, blanks) => {
            const model = treeOf(text);
            const paths = operations.flatMap((parts) =>
              [...parts].filter((part): part is Path => part instanceof Path),
            );
            // Of a large record, validity and time are read by a scan of its own.
            const time = { ...timeRule(), paths: paths.slice(0, 2) };
            const scanner = new Scanner(at_start ? paths : [], { time });
            const event = eventOf(text + " ".repeat(blanks), { scanner, time });
            for (const one of operations) {
              expect(event.time).toMatch(/^\d/);
              const expected = applyToModel(model, one);
              expect(applyToEvent(event, one)).toBe(expected);
            }
            const result = textOf(event);
            expect(compact(treeOf(result))).toBe(compact(model));
            expect(event.text).toBe(result);
            expect(event.invalid).toBe(undefined);
          },
        ),
        { numRuns: runs },
      );
    },
  );

  sampled(
    "edits - all bytes outside of the replaced values stay",
    { sample: 120, all: 3000 },
    (runs) => {
      fc.assert(
        fc.property(json_text, fc.array(path, { minLength: 1, maxLength: 4 }), (text, wanted) => {
          const scanner = new Scanner(wanted);
          const event = eventOf(text, { scanner });
          for (const one of wanted) event.replace(one, "[R]");
          const nodes = wanted.flatMap((one) => select(parseReference(text), one));
          nodes.sort((a, b) => a.start - b.start || b.end - a.end);
          let expected = "";
          let from = 0;
          for (const node of nodes) {
            if (node.end <= from) continue;
            expected += `${text.slice(from, node.start)}"[R]"`;
            from = node.end;
          }
          expect(outputOf(event)).toEqual(Buffer.from(expected + text.slice(from)));
        }),
        { numRuns: runs },
      );
    },
  );

  test("edits - a record that was only looked at as an object has the same values", () => {
    fc.assert(
      fc.property(json_text, (text) => {
        // Objects know no negative zero in text, and no number beyond 1.8e308.
        fc.pre(!/-0|e400/.test(text));
        const event = eventOf(text);
        const before = event.record;
        event.commit();
        expect(event.record).toEqual(before);
        expect(event.invalid).toBe(undefined);
      }),
      { numRuns: 500 },
    );
  });
});
