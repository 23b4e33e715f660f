/** The option that names an agent, or a group of them: a word of subjects. */
import { z } from "zod";
import { isAgentName } from "./subjects.ts";

export const fleetName = () =>
  z.string().refine(isAgentName, "expected a name of letters, digits, - and _, of at most 64");
