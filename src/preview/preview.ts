/**
 * A configuration ready for dry runs: loaded, its plugins too, and its chains compiled as those of the daemon are, each
 * step watched. Nothing is opened but what it is made of; nothing is sent or written.
 */
import { compileInputs, disposeInputs, usedPlugins } from "../agent/setup/compile.ts";
import type { CompiledInput } from "../agent/setup/compile.ts";
import { maskWith } from "../agent/setup/mask.ts";
import { loadPlugins, type Plugins } from "../chain/plugins/load-plugins.ts";
import type { Config } from "../config/config.ts";
import { outputsOf } from "../config/outputs.ts";
import { silentLogger } from "../platform/log.ts";
import { DryRun } from "./dry-run.ts";
import { Tracer } from "./tracer.ts";

export class Preview {
  readonly config: Config;
  readonly #inputs: readonly CompiledInput[];
  readonly #runs = new Map<string, DryRun>();

  private constructor(config: Config, inputs: readonly CompiledInput[], tracer: Tracer) {
    this.config = config;
    this.#inputs = inputs;
    const [default_output] = outputsOf(config);
    for (const input of inputs) {
      this.#runs.set(input.name, new DryRun(input, tracer, default_output!.name));
    }
  }

  /** Throws TallymanError plugin_refused or config_invalid. */
  static async open(config: Config, plugins?: Plugins): Promise<Preview> {
    const used = plugins ?? (await pluginsOf(config));
    const tracer = new Tracer();
    const inputs = await compileInputs(config, silentLogger, used, tracer.observe);
    return new Preview(config, inputs, tracer);
  }

  /** The dry run of an input that there is. */
  runOf(input: string): DryRun {
    return this.#runs.get(input)!;
  }

  /** The text without the secrets that the configuration and its chains know. */
  mask(text: string): string {
    return maskWith({ config: this.config, inputs: this.#inputs }, text);
  }

  /** Ends the steps. Never rejects, and ends in bounded time. */
  close(): Promise<void> {
    return disposeInputs(this.#inputs);
  }
}

/** The plugins that a configuration uses. Throws TallymanError plugin_refused. */
export function pluginsOf(config: Config): Promise<Plugins> {
  return loadPlugins(config.plugins_dir, { used: usedPlugins(config) });
}
