/**
 * The name of the machine whose logs are read: the host of events that have none of their own. In a container the system's
 * own name is that of the container, so that whoever starts it may give the machine's.
 */
import { hostname } from "node:os";

const variable = "TALLYMAN_HOST";

export function machineName(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment[variable]?.trim();
  return named === undefined || named === "" ? hostname() : named;
}
