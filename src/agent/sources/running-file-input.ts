/**
 * A file input while it runs. Files can be read again, so nothing stands between it and its pipeline.
 */
import { closeHanded, type HandedFiles } from "../../inputs/file/files/handed-files.ts";
import { FileInput, type FileInputServices } from "../../inputs/file/file-input.ts";
import type { FileInputOptions } from "../../inputs/file/options.ts";
import type { FilesStatus } from "../../inputs/file/files-status.ts";
import type { InputCondition } from "../../inputs/input.ts";
import { atMost } from "../../platform/patience.ts";
import type { InputSetup, RunningInput } from "./running-input.ts";
import { FramingWatch } from "../flow/framing-watch.ts";
import type { Pipeline } from "../flow/pipeline.ts";
import type { NamedRoutes } from "../flow/routes.ts";

/** How long whoever starts it waits until its files are found. */
const find_wait_ms_max = 3000;

export interface RunningFileInputDeps {
  setup: InputSetup;
  services: Omit<FileInputServices, "origin" | "handed" | "open_files_max">;
  openFilesMax: () => number;
  routes: NamedRoutes;
  pipeline: Pipeline;
}

export class RunningFileInput implements RunningInput {
  readonly name: string;
  readonly ended = undefined;
  readonly #deps: RunningFileInputDeps;
  #setup: InputSetup;
  #input: FileInput | undefined;
  /** What could not be opened again while it is paused. */
  #handed: HandedFiles | undefined;

  constructor(deps: RunningFileInputDeps) {
    this.name = deps.setup.compiled.name;
    this.#deps = deps;
    this.#setup = deps.setup;
  }

  get setup(): InputSetup {
    return this.#setup;
  }

  async start(): Promise<void> {
    const { services, openFilesMax, pipeline } = this.#deps;
    const { name, options, origin } = this.#setup.compiled;
    const handed = this.#handed;
    this.#handed = undefined;
    const own = { open_files_max: openFilesMax(), origin, ...(handed && { handed }) };
    const input = new FileInput(name, options as FileInputOptions, { ...services, ...own });
    this.#input = input;
    const { clock, log } = services;
    const started = input.start(pipeline).then(() => "started");
    if ((await atMost(started, find_wait_ms_max, clock)) !== undefined) return;
    log.warn(
      "files_not_found_yet",
      { input: name, waited_ms: find_wait_ms_max },
      "Still searching for files: the file system does not answer, or there are very many. Other inputs run.",
    );
    void started.catch((cause: unknown) => {
      // What comes back after another input has taken its place is of no matter.
      if (this.#input === input) throw cause;
    });
  }

  async pause(): Promise<void> {
    this.#handed = await this.#input?.handOver();
    this.#input = undefined;
  }

  change(next: InputSetup): void {
    const { pipeline, routes, services } = this.#deps;
    this.#setup = next;
    routes.change(next.buffers);
    const { compiled } = next;
    pipeline.change(compiled.chain, new FramingWatch(compiled, services.log));
    this.#input?.describe(next.compiled.origin);
  }

  async refresh(): Promise<void> {
    // They name none.
  }

  status(): InputCondition & { readonly files?: FilesStatus } {
    return this.#input?.status() ?? { type: "file" };
  }

  async stop(): Promise<void> {
    await this.#input?.stop();
    if (this.#handed !== undefined) await closeHanded(this.#handed);
    this.#input = this.#handed = undefined;
  }
}
