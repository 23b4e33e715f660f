/**
 * Ids of redact steps: equal where two steps take the same out of events. What a journal holds says by them which steps it
 * has been through, so that others can follow.
 */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { version } from "../../platform/version.ts";
import type { StepOptions } from "../options.ts";

/** The built-in plugin whose steps take secrets out. */
export const redact_plugin = "redact";

/** Hexadecimal digits of an id. */
export const id_length = 16;

/** An id that is made when it is asked for first: to hash loads a module of Node's that many commands do without. */
export type StepId = () => string;

/**
 * The id of a redact step. Another version may find more, and so may a pack in a file that has changed: those are other steps.
 * What the key of a hash is does not matter: a hash stays as it was made. `folder` is where relative paths of packs begin.
 */
export async function redactionId({ redact, when }: StepOptions, folder: string): Promise<StepId> {
  const { key: _, ...own } = { ...(redact as { key?: unknown; pack?: unknown } | null) };
  const packs: unknown[] = Array.isArray(own.pack) ? own.pack : [];
  const files = await Promise.all(packs.map((name) => contentOf(name, folder)));
  const text = JSON.stringify([version, own, when, files]);
  let id: string | undefined;
  return () => (id ??= hash("sha256", text).slice(0, id_length));
}

/** The ids in a text that has one after the other. */
export function idsIn(ids: string): string[] {
  return ids.match(new RegExp(`.{${id_length}}`, "g")) ?? [];
}

/** Nothing for a pack that comes with tallyman, and for a file that cannot be read, which the step itself refuses. */
async function contentOf(pack: unknown, folder: string): Promise<string> {
  const is_path = typeof pack === "string" && /\/|\.ya?ml$/.test(pack);
  if (!is_path) return "";
  return readFile(resolve(folder, pack), "utf8").catch(() => "");
}
