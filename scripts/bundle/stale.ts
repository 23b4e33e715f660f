/** Whether dist/ is of the source as it is now. */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { program_file } from "./bundle.ts";

/** All that a build depends on; with folders, whose time says that a file is gone. */
const sources = [
  "{src,plugins}{,/**}",
  "scripts/{build.ts,bundle{,/**}}",
  "docs/operations/monitoring.md",
  "package{,-lock}.json",
  "tsconfig{,.build}.json",
];

/** Builds it where it is not there, or older than its source. For programs that are about to start it. */
export function buildIfStale(): void {
  const built = `dist/${program_file}`;
  const changed_ms = Math.max(...globSync(sources).map(modifiedAt));
  if (existsSync(built) && modifiedAt(built) >= changed_ms) return;
  execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "inherit" });
}

function modifiedAt(file: string): number {
  return statSync(file).mtimeMs;
}
