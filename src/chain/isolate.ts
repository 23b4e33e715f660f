/** Makes a step in a process of its own. */
import type { Complaint } from "../platform/errors.ts";
import type { PlaceOfFiles } from "../platform/files/confined.ts";
import type { PluginContext } from "../plugin.ts";
import type { isolatedStep } from "./isolation/isolated-step.ts";
import type { Budget } from "./options.ts";
import type { CreatedStep } from "./plugins/created-step.ts";
import type { LoadedPlugin } from "./plugins/load-plugins.ts";
import { codeOf } from "./plugins/watched-step.ts";

type IsolatedDeps = Omit<Parameters<typeof isolatedStep>[2], "budget">;

export interface IsolatedOptions extends IsolatedDeps {
  readonly options: unknown;
  readonly budget: Budget;
  readonly outputs: readonly string[];
  readonly files: PlaceOfFiles;
  /** Takes what the plugin does not accept, with the keys that lead to it in its options. */
  readonly context: { refuse(path: Complaint["path"], message: string): void };
}

/** Undefined where it was refused. Rejects where the process does not start. */
export async function isolate(
  loaded: LoadedPlugin,
  { options, budget, outputs, files, context, ...deps }: IsolatedOptions,
  given: PluginContext,
): Promise<CreatedStep | undefined> {
  const { isolatedStep } = await import("./isolation/isolated-step.ts");
  const { plugin, file } = loaded;
  const made_from = { file, code: codeOf(loaded, options), plugin: plugin.name, options };
  const orders = { ...made_from, step: given.step, outputs, files };
  const made = await isolatedStep(orders, given, { ...deps, budget });
  if (!("kind" in made)) return made;
  // Where a complaint is in a chain of that step alone.
  for (const { path, message } of made.complaints) context.refuse(path.slice(2), message);
  return undefined;
}
