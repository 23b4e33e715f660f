/**
 * Checks that files which are not being read, as while Splunk is down, still have the content that was read. Then it is known how
 * much is lost if they are truncated before they are read on.
 *
 * Reading a file shows that by itself. So only a file is compared that two surveys in a row found larger, without a read between
 * them.
 */
import { compareHead, holds, holdsSamples } from "../files/content.ts";
import { closeFile } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileInputContext } from "../files/context.ts";
import { openChecked } from "../files/open-files.ts";

/** In one survey, of very many files. */
const checks_max = 256;

export class ContentChecks {
  readonly #context: FileInputContext;
  /** Files that were larger than proven at the last survey. */
  #waiting = new Set<FollowedFile>();

  constructor(context: FileInputContext) {
    this.#context = context;
  }

  /** Compares what waits to be read. Those that have other content now are to be started again. */
  async run(): Promise<void> {
    const unproven = [...this.#context.roster].filter(
      (file) => file.readable && file.identity.size > file.proven_size,
    );
    const before = this.#waiting;
    this.#waiting = new Set(unproven);
    const due = unproven.filter((file) => before.has(file)).slice(0, checks_max);
    for (const file of due) {
      const { size } = file.identity;
      const found = await this.#compare(file);
      if (found === "alike") file.prove(size);
      else if (found === "changed") this.#restart(file);
    }
  }

  async #compare(file: FollowedFile): Promise<"alike" | "changed" | "unknown"> {
    const { open_files } = this.#context;
    const { path } = file;
    try {
      const held = open_files.holding(file, (descriptor) => compare(file, descriptor));
      if (held !== undefined) return await held;
      if (path === undefined) return "unknown";
      const opened = await openChecked(path, (look) => open_files.isSame(file, look));
      if (opened === undefined) return "unknown";
      try {
        return await compare(file, opened.descriptor);
      } finally {
        await closeFile(opened.descriptor);
      }
    } catch {
      // It is read, or found to be gone, in its turn.
      return "unknown";
    }
  }

  #restart(file: FollowedFile): void {
    // A turn that is in progress ends first.
    if (file.busy) file.was_rewritten = true;
    else if (file.readable) {
      file.state = "truncated";
      this.#context.requestSurvey();
    }
  }
}

async function compare(file: FollowedFile, descriptor: number): Promise<"alike" | "changed"> {
  const { checkpoint } = file;
  const is_alike =
    (await holds(descriptor, checkpoint)) &&
    (await compareHead(file, descriptor)) === "alike" &&
    (await holdsSamples(file, descriptor));
  return is_alike ? "alike" : "changed";
}
