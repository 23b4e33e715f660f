/**
 * The name of the machine whose logs are read: the host of events that have none of their own. In a container the system's
 * own name is that of the container, so that whoever starts it may give the machine's. And what tells this run from others by that name.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

const variable = "TALLYMAN_HOST";

export function machineName(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment[variable]?.trim();
  return named === undefined || named === "" ? hostname() : named;
}

/** Made when it is first asked for. */
const run: { id?: string } = {};

/** Which run of tallyman this is: two that run at the same time differ in it, though one may be a copy of the other's host. */
export function runId(): string {
  return (run.id ??= randomUUID());
}
