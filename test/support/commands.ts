/** Programs that a test can use where the machine has them. */
import { spawnSync } from "node:child_process";

/** Whether the shell finds the program. `.ci/run` installs those that tests ask for. */
export function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
