/**
 * What came in over a stream and was not accepted: it goes on with another input, or is booked as lost.
 */
import { Records } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Logger } from "../../platform/log.ts";
import type { DropCount } from "../input.ts";
import type { LineGatherer, LineGathererDeps } from "./line-gatherer.ts";

/** What became of the lines of one stream. */
export interface LineCounts extends DropCount {
  /** Those that were accepted. */
  lines: number;
  /** Of them, those of which only the beginning is kept. */
  cut: number;
}

export interface Unread {
  readonly gatherer: LineGatherer;
  readonly counts: LineCounts;
  /** What was to be delivered first. */
  readonly delivery: Records | undefined;
}

/** How many bytes that is. */
export function bytesOf({ gatherer, delivery }: Omit<Unread, "counts">): number {
  const delivery_bytes = delivery === undefined ? 0 : delivery.bytes.length - delivery.starts[0]!;
  return delivery_bytes + gatherer.unread_bytes;
}

/** Records that were not accepted, for another input to deliver. */
export function rebuilt(records: Records, { origin }: LineGathererDeps): Records {
  const { truncations, known, ...rest } = records;
  return new Records({
    ...rest,
    origin,
    ...(truncations && { truncations }),
    ...(known && { known }),
  });
}

/** Logs what was passed over, or decoded, in a stream that has ended. */
export function reportEnded(
  input: string,
  { nul_bytes, members, decoder }: LineGatherer,
  log: Logger,
): void {
  const { encoding = "utf-8" } = decoder;
  if (encoding !== "utf-8") {
    log.debug("line_encoding", { input, encoding }, "Decoded a stream that is not UTF-8.");
  }
  if (nul_bytes > 0) {
    log.debug("line_nul_bytes", { input, nul_bytes }, "Skipped NUL bytes before lines.");
  }
  if (members === 0) return;
  const message =
    "Skipped members of documents that are beside the array of records. They are not shipped.";
  log.info("line_members_skipped", { input, members }, message);
}

/** Books what came in over streams and is given up. */
export function loseStopped(
  input: string,
  lost_bytes: number,
  ledger: Pick<Ledger, "lose">,
  log: Logger,
): void {
  if (lost_bytes === 0) return;
  ledger.lose(input, "stopped", lost_bytes);
  const message = "Received data could not be stored before tallyman stopped. It is lost.";
  log.error("input_data_lost", { input, lost_bytes }, message);
}
