/**
 * Why a plugin file does not load, with the line where that can be found out.
 */
import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../platform/errors.ts";

const check_timeout_ms = 10_000;

/** The first line of the error's message, and the line of the file that it is about. Never rejects. */
export async function describeLoadError(cause: unknown, file: string): Promise<string> {
  const message = messageOf(cause).split("\n")[0]!;
  const stack = cause instanceof Error ? String(cause.stack) : "";
  let line = lineIn(stack, file);
  // The error of an import does not say where in the file the syntax is wrong; a check of the file does.
  if (line === undefined && cause instanceof SyntaxError) line = lineIn(await check(file), file);
  return line === undefined ? message : `line ${line}: ${message}`;
}

/** The number behind the file's path or address, whichever the text names. */
function lineIn(text: string, file: string): string | undefined {
  for (const address of [pathToFileURL(file).href, file]) {
    const at = text.indexOf(address);
    if (at < 0) continue;
    const place = /^(?:\?sha256=[0-9a-f]+)?:(\d+)/.exec(text.slice(at + address.length));
    if (place !== null) return place[1];
  }
  return undefined;
}

/** What `node --check` says about the file, which runs nothing of it. */
function check(file: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: check_timeout_ms };
    execFile(
      process.execPath,
      ["--disable-sigusr1", "--check", file],
      options,
      (_error, _output, complaint) => {
        resolve(complaint);
      },
    );
  });
}
