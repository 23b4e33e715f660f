/** Programs that a test can use where the machine has them. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether a shell would find the program. `.ci/run` installs those that tests ask for. */
export function isInstalled(program: string): boolean {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  return directories.some((directory) => isExecutable(join(directory, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
