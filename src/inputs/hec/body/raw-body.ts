/**
 * What the receiver's raw endpoint takes a body for: see body-values.ts. The whole body has to be there.
 */
import { Walker } from "../../../event/scan/walker.ts";
import { BodyValues, type ValuesPlace } from "./body-values.ts";
import { Found } from "../../framing/contract/found.ts";
import type { WholeFramer } from "../../framing/contract/framer.ts";

const walker = new Walker([]);

export const rawBody: WholeFramer = {
  frame(window, positions) {
    const { bytes, from, state } = window;
    const found = new Found(window, positions);
    const values = new BodyValues(walker);
    values.open(bytes, (state as ValuesPlace | undefined) ?? from, "text");
    while (!found.is_full && values.next()) found.add(values.start, values.end);
    found.end = found.is_full ? values.place.at : bytes.length;
    found.state = { ...values.place };
    return found;
  },
};
