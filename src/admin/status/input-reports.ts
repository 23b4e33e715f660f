/** What inputs say of themselves that only some of them know. */

/** Batches of agents since the start, but for those that are open: not acknowledged. */
export interface BatchesReport {
  readonly open: number;
  readonly taken: number;
  /** Of those taken, the ones of which some or all had come before. */
  readonly repeated: number;
  readonly refused: number;
  /** Given back to the stream for a while, as Splunk refuses their index. */
  readonly put_off: number;
  /** Names that two agents have, with their hosts, as seen of late. */
  readonly shared: readonly { readonly agent: string; readonly hosts: readonly string[] }[];
  /** Posted as they came. */
  readonly whole: number;
  /** Those whose events were looked at, by the reason. */
  readonly unpacked: Readonly<Record<string, number>>;
}

/** How long no event has come in. */
export interface SilenceReport {
  readonly silent_seconds: number;
  /** How often one is expected; undefined where nobody does. */
  readonly expect_every_seconds: number | undefined;
  /** Whether it is silent for longer than that, and was read all the time. */
  readonly is_silent: boolean;
}
