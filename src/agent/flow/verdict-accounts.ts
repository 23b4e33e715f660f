/** The accounts that events are settled with which verdicts have ended. */
import type { Verdict } from "../../event/event.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Account } from "../../ledger/receipt.ts";

/** Steps make their verdicts once; a plugin that makes one an event must not fill the memory. */
const accounts_max = 1000;

export class VerdictAccounts {
  readonly #ledger: Ledger;
  readonly #accounts = new Map<Verdict, Account>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  of(verdict: Verdict): Account {
    const known = this.#accounts.get(verdict);
    if (known !== undefined) return known;
    const account = this.#ledger.account(verdict.fate, verdict.reason);
    if (this.#accounts.size < accounts_max) this.#accounts.set(verdict, account);
    return account;
  }

  /** Forgets those of a former chain. */
  clear(): void {
    this.#accounts.clear();
  }
}
