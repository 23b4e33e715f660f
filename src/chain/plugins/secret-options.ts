/**
 * What of a step may be a secret of this host: the options that its plugin says are secret, and nothing else. The rest of a step,
 * such as a value that it sets, leaves the host with the events.
 */
import { leavesOf } from "./leaves.ts";
import type { LoadedPlugin, Plugins } from "./load-plugins.ts";
import { pluginOf, type StepOptions } from "../options.ts";

type Path = readonly (string | number)[];

/** Whether a reference, such as `credential:token`, is to a credential: that is secret whatever it is called. */
export function isCredential(reference: string): boolean {
  return reference.startsWith("credential:");
}

/** The paths in a step of what it has in the options that its plugin says are secret. */
export function secretsIn(step: StepOptions, plugins: Plugins): Path[] {
  const name = pluginOf(step);
  const { secret_options = [] } = plugins.get(name)?.plugin ?? {};
  const options = step[name] as Readonly<Record<string, unknown>> | null | undefined;
  return secret_options
    .flatMap((option) => [...leavesOf(options?.[option], [name, option])])
    .filter(({ value }) => typeof value === "number" || (typeof value === "string" && value !== ""))
    .map(({ path }) => path);
}

/** What is wrong with a secret where an option is none. */
export function confinedMessage(reference: string): string {
  const remedy = isCredential(reference)
    ? "write the value itself, or ${env:NAME} if it is no secret"
    : "use a variable that holds no secret";
  return (
    `\${${reference}} is secret, and can only be in an option that is secret, such as a token, a password or the \`key\` of ` +
    `hashes; ${remedy}`
  );
}

/** The secrets of a step that are not where its plugin has them; `confinedAt` says by the path in the step what is one. */
export function misplacedSecretsIn(
  step: StepOptions,
  { plugin, built_in }: LoadedPlugin,
  confinedAt: (path: Path) => string | undefined,
): { path: Path; message: string }[] {
  const { name, secret_options = [] } = plugin;
  return [...leavesOf(step)].flatMap(({ path }) => {
    const reference = confinedAt(path);
    const [top, option] = path;
    const is_option = path.length === 2 && top === name;
    if (reference === undefined || (is_option && secret_options.includes(String(option))))
      return [];
    const author =
      is_option && !built_in ? `; a plugin names such options in \`secret_options\`` : "";
    return [{ path, message: `${confinedMessage(reference)}${author}` }];
  });
}
