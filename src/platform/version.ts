/** This build's version, from package.json, which stands above both src/ and dist/src/. */
import { existsSync, readFileSync } from "node:fs";

function readVersion(): string {
  for (const above of ["../../package.json", "../../../package.json"]) {
    const file = new URL(above, import.meta.url);
    if (!existsSync(file)) continue;
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  return "unknown";
}

export const version = readVersion();
