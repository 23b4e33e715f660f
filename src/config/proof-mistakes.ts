/** What the proof does not go together with: fields of its own names, and a default output that cannot carry seals. */
import { pluginOf, type ChainOptions } from "../chain/options.ts";
import { pathFieldNames } from "../inputs/file/discovery/path-fields.ts";
import { reserved_fields } from "../proof/format/place.ts";
import type { Settings } from "./config.ts";
import type { ConfigPath } from "./document/place.ts";
import { outputsOf } from "./outputs.ts";

export interface ProofMistake {
  readonly path: ConfigPath;
  readonly message: string;
}

export function proofMistakesIn(settings: Settings): ProofMistake[] {
  if (!settings.proof.enabled) return [];
  return [...modeMistakes(settings), ...fieldMistakes(settings)];
}

function modeMistakes(settings: Settings): ProofMistake[] {
  const [first] = outputsOf(settings);
  if (first?.options.type !== "splunk_hec" || first.options.mode !== "raw") return [];
  const message =
    "proof needs event mode here: the default output gets the seals, whose signature raw mode cannot carry";
  return [{ path: [...first.at, "mode"], message }];
}

function fieldMistakes({ inputs, chain }: Settings): ProofMistake[] {
  const of_inputs = Object.entries(inputs).flatMap(([name, input]) => {
    const at = ["inputs", name, "metadata"];
    const { fields = {} } = input.metadata;
    const pattern = input.type === "file" ? input.metadata.fields_from_path : undefined;
    const in_path = pattern === undefined ? [] : pathFieldNames(pattern);
    return [
      ...reservedIn(Object.keys(fields), [...at, "fields"]),
      ...in_path.filter(isReserved).map((field) => {
        return { path: [...at, "fields_from_path"], message: messageFor(field) };
      }),
      ...stepMistakes(input.chain ?? [], ["inputs", name, "chain"]),
    ];
  });
  return [...of_inputs, ...stepMistakes(chain, ["chain"])];
}

function stepMistakes(chain: ChainOptions, at: ConfigPath): ProofMistake[] {
  return chain.flatMap((step, number) => {
    const plugin = pluginOf(step);
    if (plugin !== "metadata") return [];
    const fields = (step[plugin] as { fields?: unknown } | null)?.fields;
    if (typeof fields !== "object" || fields === null) return [];
    return reservedIn(Object.keys(fields), [...at, number, plugin, "fields"]);
  });
}

function reservedIn(names: readonly string[], at: ConfigPath): ProofMistake[] {
  return names
    .filter(isReserved)
    .map((name) => ({ path: [...at, name], message: messageFor(name) }));
}

function isReserved(name: string): boolean {
  return reserved_fields.has(name);
}

function messageFor(name: string): string {
  return `${name} is a field of tallyman's own while proof is enabled; use another name`;
}
