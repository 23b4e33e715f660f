/** Which run of tallyman this is: two that run at the same time differ in it, though one may be a copy of the other's host. */
import { randomUUID } from "node:crypto";

export const instance = randomUUID();
