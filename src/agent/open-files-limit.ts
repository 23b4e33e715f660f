/**
 * How many files each input may hold open, so that descriptors are left for connections, directories and the
 * state file: an agent that used them all up for files could ship nothing of what it reads.
 */
import { readFileSync } from "node:fs";

/** Node itself has about 25 open; the rest is for connections, directories, the state and the quarantine. */
const descriptors_reserved = 48;

/** An equal share for each of `inputs` of what the system's limit on open files leaves; 1 at least. */
export function openFilesMax(inputs: number): number {
  return Math.max(1, Math.floor((descriptorsMax() - descriptors_reserved) / inputs));
}

/** The process's own limit; Infinity where there is none, or the system does not say. */
function descriptorsMax(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}
