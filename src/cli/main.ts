#!/usr/bin/env -S node --disable-sigusr1
/**
 * The entry of the `tallyman` command: refuses a Node that is too old in one clear sentence, before anything
 * is loaded that such a Node could not read.
 */

// Without a listener of ours it would open Node's inspector, where the flag above is missing, or end the process.
process.on("SIGUSR1", () => undefined);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `tallyman needs Node 22.19 or newer; this is Node ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exitCode = 1;
} else {
  const { useCompileCache } = await import("./process/compile-cache.ts");
  useCompileCache();
  const { runProgram } = await import("./program.ts");
  await runProgram(process.argv);
}
