/** What an input that reads the batches of agents says of them. */

/** Batches of agents since the start, but for those that are open: not acknowledged. */
export interface BatchesReport {
  readonly open: number;
  readonly taken: number;
  /** Of those taken, the ones of which some or all had come before. */
  readonly repeated: number;
  readonly refused: number;
  /** Posted as they came. */
  readonly whole: number;
  /** Those whose events were looked at, by the reason. */
  readonly unpacked: Readonly<Record<string, number>>;
}
