/**
 * The style of the source, held as a test: layers, circles, sizes, bans, and that nothing is left undocumented.
 *
 * A rule that must be broken somewhere is broken by adding the file to the rule's list here, with its reason.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../src/platform/errors.ts";

/** What declares the types of a library that comes without is no source. */
const sources = globSync(["src/**/*.ts", "plugins/*.ts"])
  .filter((file) => !file.endsWith(".d.ts"))
  .sort();
const text = new Map(sources.map((file) => [file, readFileSync(file, "utf8")]));

/** From the top down: a file imports from its own layer's folder and from layers below. */
const layers = [
  // In a browser; nothing here imports it.
  ["src/page"],
  ["src/cli"],
  ["src/doctor", "src/preview"],
  ["src/agent"],
  ["src/config"],
  ["src/inputs", "src/chain", "src/journal", "src/output", "src/admin"],
  // The plugin API, which the chain serves: a layer of one file.
  ["src/plugin.ts"],
  ["src/event"],
  ["src/ledger", "src/detectors", "src/proof"],
  ["src/platform"],
];

function importsOf(file: string): string[] {
  const specifiers = [...text.get(file)!.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)];
  return specifiers.map(([, specifier]) => normalize(join(dirname(file), specifier!)));
}

function layerOf(file: string): { level: number; folder: string } {
  const isIn = (each: string): boolean => file === each || file.startsWith(`${each}/`);
  const level = layers.findIndex((folders) => folders.some(isIn));
  const folder = layers[level]?.find(isIn);
  return { level, folder: folder ?? "" };
}

describe("layers", () => {
  test("source - every file belongs to a layer", () => {
    const strays = sources.filter(
      (file) => !file.startsWith("plugins/") && layerOf(file).level < 0,
    );
    expect(strays).toEqual([]);
  });

  test("source - imports run downward only, and never between inputs, chain and output", () => {
    const wrong: string[] = [];
    for (const file of sources.filter((each) => each.startsWith("src/"))) {
      const from = layerOf(file);
      for (const target of importsOf(file)) {
        const to = layerOf(target);
        if (to.level > from.level || to.folder === from.folder) continue;
        wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("source - a plugin imports nothing but the public plugin API", () => {
    for (const file of sources.filter((each) => each.startsWith("plugins/"))) {
      const specifiers = [...text.get(file)!.matchAll(/(?:from|import\()\s*"([^"]+)"/g)];
      for (const [, specifier] of specifiers) expect(specifier).toBe("../src/plugin.ts");
    }
  });

  test("source - the page imports nothing of the agent but types, and is in no program of it", () => {
    for (const file of sources.filter((each) => each.startsWith("src/page/"))) {
      for (const [all, specifier] of text.get(file)!.matchAll(/^import\b[^;]*"(\.[^"]+)";/gm)) {
        const target = normalize(join(dirname(file), specifier!));
        const is_own = target.startsWith("src/page/");
        const is_type = all.startsWith("import type {") && target.startsWith("src/admin/");
        expect(is_own || is_type, `${file}: ${all}`).toBe(true);
      }
    }
  });

  test("source - has no import circles, of types neither", () => {
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
        return;
      }
      state.set(file, "open");
      for (const target of importsOf(file)) if (text.has(target)) visit(target, [...trail, file]);
      state.set(file, "done");
    };
    for (const file of sources) visit(file, []);
    expect(circles).toEqual([]);
  });

  test("source - has no circles between folders", () => {
    const rooms = new Map<string, Set<string>>();
    for (const file of sources) {
      const room = roomOf(file);
      const others = importsOf(file)
        .map(roomOf)
        .filter((each) => each !== room);
      rooms.set(room, new Set([...(rooms.get(room) ?? []), ...others]));
    }
    // What imports nothing that is left is taken away, until nothing is left, or only circles are.
    for (let left = Infinity; rooms.size < left;) {
      left = rooms.size;
      for (const [room, others] of rooms) {
        if (![...others].some((each) => rooms.has(each))) rooms.delete(room);
      }
    }
    expect([...rooms]).toEqual([]);
  });

  /** The folder of a file. The options of a component are a room of their own: whoever works by them may read them. */
  function roomOf(file: string): string {
    return file.endsWith("/options.ts") ? file : dirname(file);
  }

  test("source - one look takes in each folder, of the source and of all that is beside it", () => {
    const all = globSync("{src,plugins,packs,test,bench,scripts,docs,examples}/**/*.{ts,md,yaml}", {
      withFileTypes: true,
    });
    const files = all.filter((entry) => entry.isFile());
    const folders = Map.groupBy(files, ({ parentPath }) => relative(".", parentPath));
    const crowded = [...folders].filter(([, each]) => each.length > 16);
    expect(crowded.map(([folder, each]) => `${folder}: ${each.length} files`)).toEqual([]);
  });

  test("source - has no file that nothing reaches", () => {
    const workers = [
      "src/inputs/socket/datagram/datagram-worker.ts",
      "src/chain/isolation-process/isolation-worker.ts",
      "src/chain/large-events-thread/redaction-worker.ts",
      "src/platform/watchdog/watchdog-worker.ts",
      "src/cli/try/try-worker.ts",
    ];
    const entries = ["src/cli/main.ts", "src/plugin.ts", "src/page/main.ts", ...workers];
    const reached = new Set<string>(entries);
    const open = [...entries, ...sources.filter((file) => file.startsWith("plugins/"))];
    for (const file of open) {
      reached.add(file);
      for (const target of importsOf(file)) if (!reached.has(target)) open.push(target);
    }
    expect(sources.filter((file) => !reached.has(file))).toEqual([]);
  });
});

describe("files", () => {
  test("source - every file opens with a comment that says what it is", () => {
    const bare = sources.filter((file) => !/^(#!.*\n)?\/\*\*/.test(text.get(file)!));
    expect(bare).toEqual([]);
  });

  test("source - no file is longer than 300 lines", () => {
    const long = sources.filter((file) => text.get(file)!.split("\n").length > 301);
    expect(long).toEqual([]);
  });

  test("source - file names are kebab-case", () => {
    expect(sources.filter((file) => !/^([a-z0-9-]+\/)+[a-z0-9-]+\.ts$/.test(file))).toEqual([]);
  });

  test("source - vague names are not used for files or classes", () => {
    const vague = /(manager|helper|util|impl)/i;
    expect(sources.filter((file) => vague.test(file))).toEqual([]);
    for (const [file, source] of text) {
      for (const [, name] of source.matchAll(/\bclass (\w+)/g)) {
        expect(vague.test(name!), `${file}: class ${name}`).toBe(false);
      }
    }
  });
});

/** What is banned, where it is allowed all the same, and what to use instead. */
const bans: { pattern: RegExp; allowed: string[]; instead: string }[] = [
  {
    pattern: /\bDate\.now\(/,
    allowed: ["src/platform/clock.ts", "src/page/browser.ts"],
    instead: "Clock.now",
  },
  {
    pattern: /\b(setTimeout|setImmediate)\(/,
    allowed: ["src/platform/clock.ts", "src/page/browser.ts"],
    instead: "Clock.after or Clock.sleep",
  },
  { pattern: /\bsetInterval\(/, allowed: [], instead: "Clock.sleep in a loop" },
  {
    pattern: /\bperformance\.now\(/,
    allowed: ["src/platform/clock.ts"],
    instead: "Clock.monotonic",
  },
  { pattern: /\bconsole\./, allowed: ["src/cli/"], instead: "the log" },
  { pattern: /\bprocess\.exit\(/, allowed: ["src/cli/"], instead: "a TallymanError" },
  {
    pattern: /\bMath\.random\(/,
    allowed: ["src/agent/", "src/output/splunk-hec/splunk-hec.ts"],
    instead: "an injected source",
  },
  {
    // A promise that lasts keeps what every race with it has left, to the end of the process.
    pattern: /\bPromise\.race\(\[[^\]]*\bthis\.#/,
    allowed: [],
    instead: "untilAborted",
  },
  { pattern: /\bEventEmitter\b/, allowed: [], instead: "a callback or a promise" },
  { pattern: /\b(enum|namespace) \w+ \{/, allowed: [], instead: "a union or a module" },
  { pattern: /: any\b|<any>|as any\b/, allowed: [], instead: "unknown" },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, allowed: [], instead: "an issue" },
  { pattern: /^export let |^let /m, allowed: [], instead: "state in a class" },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, allowed: [], instead: "a type that holds" },
];

describe("bans", () => {
  test.each(bans)("source - $pattern is not used: use $instead", ({ pattern, allowed }) => {
    const users = sources.filter(
      (file) => pattern.test(code(file)) && !allowed.some((each) => file.startsWith(each)),
    );
    expect(users).toEqual([]);
  });

  /** The file without its comments. */
  function code(file: string): string {
    return text.get(file)!.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  }
});

describe("completeness", () => {
  const tests = globSync("test/**/*.test.ts").map((file) => readFileSync(file, "utf8"));
  const docs = globSync("docs/**/*.md").map((file) => readFileSync(file, "utf8"));

  test("source - every error code is thrown somewhere, in a test, and in the docs", () => {
    for (const code of Object.keys(errorCodes)) {
      if (code === "usage") continue;
      const thrown = [...text].some(
        ([file, source]) => file !== "src/platform/errors.ts" && source.includes(`"${code}"`),
      );
      expect(thrown, `${code} is thrown nowhere`).toBe(true);
      expect(
        tests.some((each) => each.includes(code)),
        `${code} is in no test`,
      ).toBe(true);
      expect(
        docs.some((each) => each.includes(code)),
        `${code} is in no document`,
      ).toBe(true);
    }
  });

  test("source - every built-in plugin has a test, and a section in the docs", () => {
    for (const file of sources.filter((each) => each.startsWith("plugins/"))) {
      const name = file.replace(/^plugins\/(.*)\.ts$/, "$1");
      expect(globSync(`test/unit/plugins/${name}.test.ts`), `${name} has no test`).toHaveLength(1);
      expect(
        docs.some((each) => each.includes(`\`${name}\``)),
        `${name} is in no document`,
      ).toBe(true);
    }
  });
});
