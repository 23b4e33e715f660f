/**
 * The lines that are added to logs from now on. Lines matter here and not guarantees, so libraries do: what the daemon
 * follows files with has checkpoints, and misses nothing.
 */
import { PassThrough, type Readable } from "node:stream";
import split2 from "split2";
import Tail from "tail-file";
import { unreadable } from "./read-log.ts";

/** A file's lines, from its end on, until `stop` is aborted. Rejects with TallymanError log_unreadable. */
export async function followFile(path: string, stop: AbortSignal): Promise<Readable> {
  const lines = new PassThrough();
  const tail = new Tail(path, { startPos: "end" });
  tail.on("line", (line: string) => void lines.write(`${line}\n`));
  try {
    await tail.startP();
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : "it cannot be followed", cause);
  }
  const end = (): void => {
    void Promise.resolve(tail.stop()).catch(() => undefined);
    lines.end();
  };
  tail.on("error", end);
  stop.addEventListener("abort", end, { once: true });
  return lines;
}

/** The lines of a stream, each as soon as it is there, until it ends or `stop` is aborted. */
export function followStream(source: Readable, stop: AbortSignal): Readable {
  const lines = new PassThrough();
  source.pipe(split2()).on("data", (line: string) => void lines.write(`${line}\n`)).on("end", () => lines.end());
  stop.addEventListener("abort", () => lines.end(), { once: true });
  return lines;
}
