/** The ids of lanes: short, since every event carries one. */
import { hash } from "node:crypto";
import type { LaneOf } from "./lane.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const id_length = 8;

/**
 * Eight characters of base32 of a SHA-256: the same for the same lane of the same agent. `attempt` gives another one where another
 * lane of the agent has it already: among 200,000 lanes that is one chance in fifty.
 */
export function laneId(agent: string, of: LaneOf, attempt = 0): string {
  const parts = [agent, of.stream, of.output, of.index ?? ""];
  const digest = hash("sha256", JSON.stringify(attempt === 0 ? parts : [...parts, attempt]));
  let id = "";
  // Five hexadecimal digits are four characters.
  for (let at = 0; id.length < id_length; at += 5) {
    const bits = Number.parseInt(digest.slice(at, at + 5), 16);
    for (let shift = 15; shift >= 0; shift -= 5) id += alphabet[(bits >> shift) & 31]!;
  }
  return id;
}
