/** What an agent is called in its subjects. */
import { agentNameOf } from "../../platform/nats/subjects.ts";
import { machineName } from "../../platform/process/machine-name.ts";

export function agentOf({ agent }: { readonly agent?: string | undefined }): string {
  return agent ?? agentNameOf(machineName());
}
