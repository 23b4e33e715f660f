/** What the demos share: their directory, their chain, and how they are interrupted. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf, TallymanError } from "../../platform/errors.ts";

export const token = "00000000-demo-demo-demo-000000000000";

export const chain_text = `chain:
  - filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }
  - redact: { fields: ["requestHeader.Authorization"] }
`;

/** Aborted by Ctrl-C and its like, and when nobody reads the output any more (`tallyman demo | head`). */
export function interruption(): AbortSignal {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, abort);
  process.stdout.on("error", abort);
  return stop.signal;
}

export function makeDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), "tallyman-demo-"));
  } catch (cause) {
    const message = `the demo needs a directory in ${tmpdir()}: ${messageOf(cause)}`;
    throw new TallymanError("demo_failed", message, {}, { cause });
  }
}

export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "    ");
}
