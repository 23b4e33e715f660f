/**
 * The framings that there are, by name. A new one is a file here, and a line in this list.
 */
import { cri } from "./containers/cri.ts";
import { docker } from "./containers/docker.ts";
import type { Framing } from "./contract/framing.ts";
import { json } from "./json/json.ts";
import { lines } from "./lines/lines-framing.ts";

export const framings = { cri, docker, json, lines } satisfies Record<string, Framing>;
