/**
 * Importing plugin files so that a change is seen: of the file, and of the files beside and below it that it imports.
 *
 * Node keeps a module by its URL for good. So the URL of a plugin carries a hash of what it is made of, and so do those of
 * the files that it imports, down to the last; what is the same again is not loaded again. Only modules have that: those of
 * CommonJS are known by their paths, and are refused.
 *
 * `tallyman/plugin` is the program's own module, whatever is in a node_modules: so a plugin has the program's own classes.
 */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { type LoadHookSync, registerHooks, type ResolveHookSync } from "node:module";
import { dirname, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { plugin_api } from "../../platform/places.ts";
import { common_js_refusal } from "./plugin-files.ts";
import { distrustOfFile } from "./plugin-trust.ts";

export interface PluginModule {
  readonly exported: { default?: unknown };
  /** Of the file's content, in hex. */
  readonly sha256: string;
  /** The files that it imports from its own directory and those below: their paths, and the hashes of their contents. */
  readonly imports: ReadonlyMap<string, string>;
}

/** What came of importing a plugin with one tag. */
interface Importing {
  readonly directory: string;
  readonly imports: Map<string, string>;
}

/** What plugins import the public API by. */
const api_name = "tallyman/plugin";
const tag_key = "sha256";
/** By the tag in the URLs. */
const importings = new Map<string, Importing>();
/** The last tag of a plugin's file, by its path. */
const last_tags = new Map<string, string>();
/** Attempts that failed, by the tag that they had. Node keeps a failure, too, so that the next needs another tag. */
const failures = new Map<string, number>();

/** Imports what is in the file now. Rejects with whatever the file throws, or what it may not import. */
export async function importPlugin(file: string): Promise<PluginModule> {
  if (importings.size === 0) registerHooks({ resolve: resolveTagged, load: loadTagged });
  const path = realpathSync(file);
  const sha256 = hashOf(path);
  const first_tag = tagNow(path, sha256);
  const failed = failures.get(first_tag) ?? 0;
  const tag = failed === 0 ? first_tag : hash(`${first_tag} ${failed}`);
  const importing = importings.get(tag) ?? { directory: dirname(path), imports: new Map() };
  importings.set(tag, importing);
  const url = pathToFileURL(file);
  url.searchParams.set(tag_key, tag);
  try {
    const exported = (await import(/* @vite-ignore */ url.href)) as { default?: unknown };
    last_tags.set(path, tag);
    return { exported, sha256, imports: importing.imports };
  } catch (cause) {
    failures.set(first_tag, failed + 1);
    throw cause;
  }
}

/** Of the file's content, and of what it imported when it was loaded last. */
function tagNow(path: string, sha256: string): string {
  const { imports } = importings.get(last_tags.get(path) ?? "") ?? {};
  const parts = [...(imports?.keys() ?? [])].map((each) => `${hashOf(each)}  ${each}`);
  return hash([`${sha256}  ${path}`, ...parts.sort()].join("\n"));
}

/** Gives the files that a plugin imports its own tag. What is elsewhere, such as a library, is loaded once. */
const resolveTagged: ResolveHookSync = (specifier, context, nextResolve) => {
  if (specifier === api_name) return { url: plugin_api.href, shortCircuit: true };
  const resolved = nextResolve(specifier, context);
  const { parentURL } = context;
  if (parentURL?.startsWith("file:") !== true || !resolved.url.startsWith("file:")) return resolved;
  const tag = new URL(parentURL).searchParams.get(tag_key);
  const importing = tag === null ? undefined : importings.get(tag);
  if (tag === null || importing === undefined) return resolved;
  const path = fileURLToPath(resolved.url);
  const is_own = path.startsWith(importing.directory + sep);
  if (!is_own || path.includes(`${sep}node_modules${sep}`)) return resolved;
  const reason = distrustOfFile(path);
  if (reason !== undefined) throw new Error(`it imports ${path}, and ${reason}`);
  importing.imports.set(path, hashOf(path));
  const url = new URL(resolved.url);
  url.searchParams.set(tag_key, tag);
  return { ...resolved, url: url.href };
};

/** Refuses what has a tag, and cannot be loaded again where it changes. */
const loadTagged: LoadHookSync = (url, context, nextLoad) => {
  const loaded = nextLoad(url, context);
  if (loaded.format?.startsWith("commonjs") !== true) return loaded;
  const importing = importings.get(new URL(url).searchParams.get(tag_key) ?? "");
  if (importing === undefined) return loaded;
  const path = fileURLToPath(url);
  const who = importing.imports.has(path) ? `it imports ${path}, and ` : "";
  throw new Error(`${who}${common_js_refusal}`);
};

/** Of the content of the file, in hex; empty where it cannot be read. */
function hashOf(path: string): string {
  try {
    return hash(readFileSync(path));
  } catch {
    return "";
  }
}

function hash(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
