/** The order in which inputs are started, together with others. */
import type { RunningInput } from "./running-input.ts";

/**
 * Starts them. Files last: what is read of them is sent, although another input that cannot be opened may have all of it refused. And
 * all of those at once: what is read of one leaves the next one little time to find its files. Throws what one throws, once none is
 * starting any more.
 */
export async function startInputs(inputs: readonly RunningInput[]): Promise<void> {
  const { files = [], others = [] } = Object.groupBy(inputs, ({ setup }) =>
    setup.compiled.options.type === "file" ? "files" : "others",
  );
  for (const input of others) await input.start();
  const started = await Promise.allSettled(files.map((input) => input.start()));
  for (const each of started) if (each.status === "rejected") throw each.reason;
}
