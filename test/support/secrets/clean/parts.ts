/** What clean events of all formats are made of: ids, addresses, times, names of hosts and users. */
import type { RandomSource } from "../../random/random-source.ts";
import { base64Of, characters } from "../planted.ts";

export { base64Of as base64 };

const hexadecimal = "0123456789abcdef";

/** Makes one event. */
export type Make = (random: RandomSource) => string;

export function hex(random: RandomSource, length: number): string {
  return characters(random, length, hexadecimal);
}

export function address(random: RandomSource): string {
  if (random.chance(0.1)) return `2001:db8:${hex(random, 4)}::${hex(random, 3)}`;
  return `10.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`;
}

function two(random: RandomSource, most: number, least = 0): string {
  return String(random.between(least, most)).padStart(2, "0");
}

export function clockTime(random: RandomSource): string {
  return `${two(random, 23)}:${two(random, 59)}:${two(random, 59)}`;
}

/** A time as in ISO 8601, with so many digits behind the seconds. */
export function time(random: RandomSource, digits: number): string {
  const fraction = digits === 0 ? "" : `.${characters(random, digits, "0123456789")}`;
  return `2025-03-${two(random, 28, 1)}T${clockTime(random)}${fraction}Z`;
}

export function pid(random: RandomSource): number {
  return random.between(2, 4_194_304);
}

export function port(random: RandomSource): number {
  return random.between(1024, 65_535);
}

export function host(random: RandomSource): string {
  return random.one(["web1", "db-2.example.com", "bastion", "ip-10-0-3-17", "node07"]);
}

export function user(random: RandomSource): string {
  return random.one(["root", "ann", "bob", "deploy", "svc-backup", "oracle", "j.doe", "admin"]);
}
