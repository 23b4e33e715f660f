/**
 * The framer of both forms of container logs.
 */
import { skipNuls } from "../contract/nuls.ts";
import type { Framer, FramingState } from "../contract/framer.ts";
import { ContainerFrame, type Followed } from "./container-frame.ts";
import { ContainerScan, lastClearEnd } from "./container-scan.ts";
import { isContainerState, lost, restOf } from "./container-streams.ts";
import type { LineFormat } from "./line-format.ts";
import { LongContainerRecord } from "./long-record.ts";

/** How long the end of a record may be missing. Runtimes write the parts of a line one after the other. */
const flush_after_ms = 60_000;

export function containerFramer(format: LineFormat): Framer {
  return {
    id: format.name,
    isState: isContainerState,
    lost,
    flush_after_ms,
    is_utf8: true,
    frame: (window, positions) => new ContainerFrame(format, window, positions).run(),
    contentStart: (bytes, from) => skipNuls(bytes, from, bytes.length),
    lastEnd: (bytes) => lastClearEnd(format, bytes),
    scan: (state) => new ContainerScan(format, state),
    long: (state, kept_bytes_max) => new LongContainerRecord(format, state, kept_bytes_max),
    inherited: (state, known) => leftOf(known) ?? restOf(state),
  };
}

function leftOf(known: unknown): FramingState {
  return (known as Followed | undefined)?.left;
}
