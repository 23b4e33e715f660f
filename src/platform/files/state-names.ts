/**
 * The names of what tallyman keeps in `state_dir`. Each owner takes its own from here, so that nobody else, such as an
 * archive, writes under one of them.
 */
export const state_names = {
  state: "state.json",
  lock: "lock",
  lifecycle: "lifecycle.json",
  hung_events: "hung-events.json",
  index_corrections: "index-corrections.json",
  journals: "journal",
  quarantine: "quarantine",
  quarantine_socket: "quarantine.sock",
  admin_socket: "admin.sock",
  proof: "proof",
  fleet: "fleet.json",
} as const;

/** What a file is called until it takes the place of the one before it. */
export const replacing = ".new";

/** Whether the entry of `state_dir` with this name is tallyman's own. */
export function isStateName(name: string): boolean {
  const replaced = name.endsWith(replacing) ? name.slice(0, -replacing.length) : name;
  return Object.values<string>(state_names).includes(replaced);
}
