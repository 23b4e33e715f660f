/** What `tallyman check` says of a configuration that may come from a fleet. */
import { agentOf } from "../../output/nats/agent-name.ts";
import type { Config } from "../config.ts";
import type { FleetOptions } from "../fleet/options.ts";
import type { Section } from "./explain-input.ts";

/** No section where the file has none about a fleet. */
export function explainFleet(config: Config): Section[] {
  const { fleet } = config;
  if (fleet === undefined) return [];
  const { servers, bucket, group, takes, signed_by, serial_min } = fleet;
  const keys = signed_by.map(({ name }) => name).join(" or ");
  const newest = serial_min === 0 ? "" : ` and has the serial ${serial_min} or higher`;
  return [
    {
      title: `Fleet: group ${group}`,
      lines: [
        `Agent ${agentOf(fleet)} takes ${listed(takes)} from bucket ${bucket}_CONFIG at ${servers.join(", ")}.`,
        `A configuration is taken only if it is signed by ${keys}${newest}.`,
        inForce(config),
      ],
    },
  ];
}

function inForce({ taken, awaited_group, inputs }: Config): string {
  if (awaited_group !== undefined)
    return `What this agent has taken is of another group: until a configuration of group ${awaited_group} is taken, it reads nothing.`;
  if (taken !== undefined) return `In force: serial ${taken.serial}, signed at ${taken.time}.`;
  if (Object.keys(inputs).length > 0)
    return "Until one is taken, this file's own sections are in force.";
  return "This file has no inputs: until a configuration is taken, the agent reads nothing.";
}

function listed(sections: FleetOptions["takes"]): string {
  return sections.length === 1
    ? sections[0]!
    : `${sections.slice(0, -1).join(", ")} and ${sections.at(-1)}`;
}
