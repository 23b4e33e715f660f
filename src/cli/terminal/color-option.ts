/** The option --color, of commands that print in colour. */
import { Option } from "commander";
import type { Colouring } from "./style.ts";

const choices: readonly Colouring[] = ["auto", "always", "never"];

export function colorOption(): Option {
  const flags = "--color <when>";
  return new Option(flags, "print in colour; auto: on a terminal").choices(choices);
}
