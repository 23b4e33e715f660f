/**
 * Ids of redact steps: equal where two steps take the same out of events. What a journal holds says by them which steps it
 * has been through, so that others can follow.
 */
import { hash } from "node:crypto";
import { packPath, packText } from "../../detectors/packs/pack-file.ts";
import type { PlaceOfFiles } from "../../platform/files/confined.ts";
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
 * What the key of a hash is does not matter: a hash stays as it was made. `files` is where packs are.
 */
export async function redactionId(
  { redact, when }: StepOptions,
  files: PlaceOfFiles,
): Promise<StepId> {
  const { key: _, ...own } = { ...(redact as { key?: unknown; pack?: unknown } | null) };
  const packs: unknown[] = Array.isArray(own.pack) ? own.pack : [];
  const contents = await Promise.all(packs.map((name) => contentOf(name, files)));
  const text = JSON.stringify([version, own, when, contents]);
  let id: string | undefined;
  return () => (id ??= hash("sha256", text).slice(0, id_length));
}

/** The ids in a text that has one after the other. */
export function idsIn(ids: string): string[] {
  return ids.match(new RegExp(`.{${id_length}}`, "g")) ?? [];
}

/** Nothing for a pack that comes with tallyman, and for a file that cannot be read, which the step itself refuses. */
async function contentOf(pack: unknown, files: PlaceOfFiles): Promise<string> {
  const path = typeof pack === "string" ? packPath(pack, files.folder) : undefined;
  return path === undefined ? "" : packText(path, files.directories).catch(() => "");
}
