/**
 * The framing `cri`, as a user has it.
 */
import { z } from "zod";
import type { Framing } from "../contract/framing.ts";
import { containerFramer } from "./container-framer.ts";
import { criLine } from "./cri-line.ts";

const options = z
  .strictObject({})
  .describe(
    "Container logs of Kubernetes (containerd, CRI-O): a record is what a program wrote as one line. Its parts are joined, for " +
      "stdout and stderr apart; the time is that of the header, unless the record has one, and `stream` is an indexed field.",
  );

export const cri: Framing<z.output<typeof options>> = {
  options,
  explain: () =>
    "A record is a line of a container, without its CRI header; its parts are joined for each stream.",
  framer: () => containerFramer(criLine),
};
