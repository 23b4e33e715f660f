/** Hides in text what a configuration knows as secret: its own secrets, and what the redact steps of its chains mask. */
import type { Config } from "../../config/config.ts";
import { Secret } from "../../platform/secret.ts";
import type { Setup } from "./setup.ts";

/** The text without the secrets of the configuration, whichever component they are for. */
export function maskWith(
  { inputs, config }: Pick<Setup, "inputs" | "config">,
  text: string,
): string {
  const masked = inputs.reduce((so_far, { chain }) => chain.maskText(so_far), text);
  return secretsOf(config).reduce((so_far, secret) => secret.hideIn(so_far), masked);
}

const known = new WeakMap<Config, readonly Secret[]>();

/** All secrets among the settings: tokens of outputs and inputs, and what a step or the next component may bring. */
function secretsOf(config: Config): readonly Secret[] {
  const secrets = known.get(config) ?? [...secretsIn(config, [], config)];
  known.set(config, secrets);
  return secrets;
}

/** Below it, a text that is no token is more likely a word. */
const text_length_min = 8;

type Path = readonly (string | number)[];

function* secretsIn(value: unknown, path: Path, config: Config): Generator<Secret> {
  if (value instanceof Secret) {
    yield value;
  } else if (typeof value === "string") {
    const isLong = value.length >= text_length_min;
    if (isLong && config.isInsertedSecret(path)) yield new Secret(value);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      yield* secretsIn(each, [...path, Array.isArray(value) ? Number(key) : key], config);
    }
  }
}
