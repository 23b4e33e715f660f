/**
 * What happens to the agent during a soak, and when: at which part of the whole time.
 *
 * The first half is one life of the process, long enough to see it grow; then it is killed, stopped, and killed again
 * while the sink is away.
 */

export type Incident =
  | { kind: "outage"; mode: "refuse" | "hang" | "busy"; meanwhile?: "kill" | "reload" }
  | { kind: "reset" | "kill" | "stop" }
  /** Configurations one right after the other; the last one is valid. */
  | { kind: "reload"; configurations: readonly ("valid" | "invalid")[] };

export interface Planned {
  /** Of the whole time. */
  at: number;
  incident: Incident;
}

const outage = (mode: "refuse" | "hang" | "busy"): Incident => ({ kind: "outage", mode });
const reload: Incident = { kind: "reload", configurations: ["valid"] };
const reloads: Incident = {
  kind: "reload",
  configurations: ["valid", "invalid", "valid", "valid", "invalid", "valid"],
};

export const plan: readonly Planned[] = [
  { at: 0.05, incident: reload },
  { at: 0.08, incident: outage("refuse") },
  { at: 0.13, incident: outage("hang") },
  { at: 0.18, incident: outage("busy") },
  { at: 0.22, incident: { kind: "reset" } },
  { at: 0.26, incident: reloads },
  { at: 0.3, incident: outage("refuse") },
  { at: 0.35, incident: outage("hang") },
  { at: 0.4, incident: outage("busy") },
  { at: 0.45, incident: { kind: "outage", mode: "refuse", meanwhile: "reload" } },
  { at: 0.52, incident: { kind: "kill" } },
  { at: 0.57, incident: outage("refuse") },
  { at: 0.61, incident: reload },
  { at: 0.65, incident: outage("busy") },
  { at: 0.7, incident: outage("hang") },
  { at: 0.75, incident: { kind: "stop" } },
  { at: 0.79, incident: outage("refuse") },
  { at: 0.83, incident: { kind: "reset" } },
  { at: 0.87, incident: { kind: "outage", mode: "refuse", meanwhile: "kill" } },
  { at: 0.94, incident: reload },
];

/** Whether events may come twice for it. */
export function mayRepeat(incident: Incident): boolean {
  if (incident.kind === "outage") return incident.meanwhile === "kill";
  return incident.kind === "reset" || incident.kind === "kill";
}

export function nameOf(incident: Incident): string {
  if (incident.kind === "reload") return `reload (${incident.configurations.join(", ")})`;
  if (incident.kind !== "outage") return incident.kind;
  const { mode, meanwhile } = incident;
  return meanwhile === undefined ? `outage: ${mode}` : `outage: ${mode}, and a ${meanwhile}`;
}
