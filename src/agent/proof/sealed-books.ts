/** The books as a seal says them: sums over all inputs, of what a checkpoint has passed. */
import { addTo, sumOf, type CountsByReason } from "../../ledger/books.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { SealedBooks } from "../../proof/format/seal.ts";

const by_reason = ["delivered", "filtered", "quarantined", "dropped", "lost_bytes"] as const;

export function sealedBooks(ledger: Ledger): SealedBooks {
  const sums = { received: 0, made: 0, replayed: 0 };
  const counts: Record<(typeof by_reason)[number], CountsByReason> = {
    delivered: {},
    filtered: {},
    quarantined: {},
    dropped: {},
    lost_bytes: {},
  };
  for (const books of Object.values(ledger.committedBooks())) {
    sums.received += books.received;
    sums.made += sumOf(books.made);
    sums.replayed += books.replayed;
    for (const kind of by_reason) {
      for (const [reason, count] of Object.entries(books[kind])) addTo(counts[kind], reason, count);
    }
  }
  const said = by_reason.filter((kind) => Object.keys(counts[kind]).length > 0);
  return {
    ...sums,
    in_flight: ledger.books().total.in_flight,
    ...Object.fromEntries(said.map((kind) => [kind, counts[kind]])),
  };
}
