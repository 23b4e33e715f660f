/**
 * How the bundle gets a library that is loaded where it is needed first: by a call that names a file of the bundle, not a
 * package.
 */
import { dirname, relative } from "node:path";

const required_library = /\bcreateRequire\(import\.meta\.url\)\("([^"]*)"\)/g;

/** The same code of this file, with the files of these libraries. Throws where another one is required. */
export function withLateLibraries(
  code: string,
  file: string,
  libraries: ReadonlyMap<string, string>,
): string {
  return code.replaceAll(required_library, (call, name: string) => {
    const library = libraries.get(name);
    if (library === undefined) throw new Error(`${name} is required and is not in the bundle`);
    return call.replace(`"${name}"`, `"./${relative(dirname(file), library)}"`);
  });
}
