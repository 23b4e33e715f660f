/**
 * The bundle: our own code and that of the libraries, in files that are loaded where they are needed.
 *
 * What several entries need is in a chunk that they share, so that a plugin has the very classes of the program. A chunk's
 * name has a hash of its content: a program that runs while its files are replaced finds its own, or none.
 */
import { globSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown, type OutputChunk, type RolldownOutput } from "rolldown";
import { withBuiltinModules, withBuiltinRequire } from "./builtin-modules.ts";
import { withLateLibraries } from "./late-libraries.ts";
import { partsOf } from "./parts.ts";

/** The `tallyman` command. */
export const program_file = "tallyman.js";

/** Libraries that are loaded where they are needed first, by a call that cannot wait. */
const late_libraries = ["re2js"];

const entries = {
  ...Object.fromEntries(late_libraries.map((name) => [name, name])),
  tallyman: "src/cli/main.ts",
  plugin: "src/plugin.ts",
  "datagram-worker": "src/inputs/socket/datagram/datagram-worker.ts",
  "isolation-worker": "src/chain/isolation-process/isolation-worker.ts",
  "redaction-worker": "src/chain/large-events-thread/redaction-worker.ts",
  "watchdog-worker": "src/platform/watchdog/watchdog-worker.ts",
  "try-worker": "src/cli/try/try-worker.ts",
  ...Object.fromEntries(
    globSync("plugins/*.ts")
      .sort()
      .map((file) => [file.replace(/\.ts$/, ""), file]),
  ),
};

/**
 * Parts that go into one file with all that they need, since each file costs time, whatever is in it: first what runs before
 * there is a compile cache, then what every command needs.
 */
const chunks = [
  { name: "first", test: /\/src\/platform\/files\/trust\.ts$/, priority: 2 },
  {
    name: "commands",
    test: /\/src\/(platform\/(version|text\/linear-pattern)|cli\/(commands\/.*|process\/(ending|inspector)))\.ts$/,
    priority: 1,
  },
];

const hashed_name = "chunks/[name]-[hash].js";

/** Writes it, and gives the paths of all modules that are inside; those of the bundler itself begin with \0. */
export async function bundle(folder: string): Promise<string[]> {
  const build = await rolldown({
    input: entries,
    platform: "node",
    // What the parts below need; no entry gives more than its own.
    preserveEntrySignatures: "allow-extension",
    // A library asks for it, and does without where it is not installed: its own log gets no colours.
    resolve: { alias: { "supports-color": false } },
    transform: { target: "node22.19" },
    onLog(level, log) {
      throw new Error(`the bundler has a ${level}: ${log.message}`);
    },
  });
  const parts = partsOf(chunksOf(await build.generate({ codeSplitting: { groups: chunks } })));
  const files = chunksOf(
    await build.write({
      dir: folder,
      format: "esm",
      codeSplitting: {
        groups: [
          ...chunks,
          {
            debugName: "parts",
            includeDependenciesRecursively: false,
            name: (module) => parts.get(module),
          },
        ],
      },
      entryFileNames: ({ name }) => (late_libraries.includes(name) ? hashed_name : "[name].js"),
      chunkFileNames: hashed_name,
      // Node keeps the text of what it runs in memory. The licences are in a file of their own.
      comments: false,
      // The class of an error is in the log.
      keepNames: true,
      sourcemap: true,
      // A stack needs the names and lines alone.
      sourcemapExcludeSources: true,
      sourcemapPathTransform: (source, map) => placeInPackage(source, map, folder),
    }),
  );
  await build.close();
  const libraries = new Map(
    late_libraries.map((name) => [name, files.find((file) => file.name === name)!.fileName]),
  );
  for (const file of files) {
    const code = withLateLibraries(withOwnLoading(file), file.fileName, libraries);
    writeFileSync(join(folder, file.fileName), inAscii(code));
  }
  return files.flatMap(({ modules }) => Object.keys(modules));
}

function chunksOf({ output }: RolldownOutput): OutputChunk[] {
  return output.filter((file) => file.type === "chunk");
}

/** The code of a file that gets Node's own modules in our way. */
function withOwnLoading({ code, fileName, name }: OutputChunk): string {
  // What a Node loads that is too old must not need what such a Node has not.
  if (fileName === program_file) return code;
  return name === "rolldown-runtime" ? withBuiltinRequire(code) : withBuiltinModules(code);
}

/** A source as seen from its map, wherever it is built: as if that were in dist/. */
export function placeInPackage(source: string, map: string, folder: string): string {
  const place = join("dist", relative(folder, dirname(map)));
  return relative(place, relative("", resolve(dirname(map), source)));
}

/**
 * The same program in ASCII. One other character, in a string or a pattern, and V8 keeps two bytes for each character of the
 * file.
 */
export function inAscii(code: string): string {
  return code.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
