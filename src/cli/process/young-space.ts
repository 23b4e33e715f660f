/**
 * The space in which V8 makes new objects. It grows while much of what is made stays, as all that a start makes does, and
 * V8 hardly ever makes it smaller again: an agent at rest would keep 4 MB for nothing.
 */
import { setFlagsFromString } from "node:v8";

const flag = "--semi-space-growth-factor";
/** V8's own. */
const usual_factor = 2;

/** The space stays as it is from here on. */
export function holdYoungSpace(): void {
  setFlagsFromString(`${flag}=1`);
}

/** It grows with what the agent has to do, as usual. */
export function releaseYoungSpace(): void {
  setFlagsFromString(`${flag}=${usual_factor}`);
}
