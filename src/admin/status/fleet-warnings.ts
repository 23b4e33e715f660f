/** What of an agent's fleet somebody should look at. */
import type { FleetStatus } from "./fleet-status.ts";
import { hint, problem, type Warning } from "./warning.ts";

export function fleetWarnings(fleet: FleetStatus | undefined): Warning[] {
  if (fleet === undefined) return [];
  const { agent, state, group, connected, unread, shared, refusal } = fleet;
  const warnings: Warning[] = [];
  if (state === "held") {
    const message = `there is no configuration of group ${group} that can be used, so nothing is read; see the log (fleet_holding)`;
    warnings.push(problem("fleet_holding", undefined, message));
  }
  if (state === "own") {
    const message = `no configuration of group ${group} is taken yet; the file's own settings are in force`;
    warnings.push(hint("fleet_without_configuration", undefined, message));
  }
  if (refusal !== undefined) {
    const { reason, detail } = refusal;
    const message = `a configuration of the fleet was refused (${reason}): ${detail}`;
    warnings.push(problem("fleet_refused", undefined, message));
  }
  if (connected && unread !== undefined) {
    const { since, error } = unread;
    const message = `the configuration of group ${group} cannot be read since ${since}, so the agent would miss a new one: ${error}`;
    warnings.push(problem("fleet_unread", undefined, message));
  }
  if (shared !== undefined) {
    const where = shared.host === undefined ? "" : ` on ${shared.host}`;
    const message = `another agent${where} has the name ${agent}, too; give each an \`agent\` and a \`state_dir\` of its own`;
    warnings.push(problem("fleet_name_shared", undefined, message));
  }
  if (!connected) {
    const message =
      "no NATS server of the fleet can be reached; the agent cannot get a new configuration, nor report";
    warnings.push(problem("fleet_unreachable", undefined, message));
  }
  return warnings;
}
