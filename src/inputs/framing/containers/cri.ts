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
    "Container logs of Kubernetes (containerd, CRI-O): a record is one line that a program wrote. Its parts are joined, " +
      "separately for stdout and stderr. The time is that of the header, unless the record has one; `stream` is an indexed field.",
  );

const cri_line = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) std(?:out|err) [PF](?::\S+)? /;

export const cri: Framing<z.output<typeof options>> = {
  options,
  explain: () =>
    "A record is a line of a container, without its CRI header; its parts are joined for each stream.",
  fits: (text) =>
    cri_line.test(text)
      ? { write: "cri", seen: "is the log of a container (CRI), with a header before each line" }
      : undefined,
  framer: () => containerFramer(criLine),
};
