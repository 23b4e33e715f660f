/**
 * What an agent says of the configuration that it takes from its fleet. Holds nothing of the configuration but names.
 */
export interface FleetStatus {
  readonly agent: string;
  readonly group: string;
  /**
   * `own`: none is taken yet, the file's own settings are in force. `taken`: one is. `held`: the one that was taken cannot be
   * used, and nothing is read.
   */
  readonly state: "own" | "taken" | "held";
  /** Of what is in force; undefined where none is taken. */
  readonly serial: number | undefined;
  /** When it was signed. */
  readonly time: string | undefined;
  /** Of its YAML, in hex. */
  readonly sha256: string | undefined;
  /** Whether NATS is reached. */
  readonly connected: boolean;
  /** Since when the bucket of configurations cannot be read, though NATS is reached; undefined where it can be. */
  readonly unread: FleetUnreadStatus | undefined;
  /** Another agent that reports by the same name, with its host where that is known; undefined where there is none. */
  readonly shared: { readonly host: string | undefined } | undefined;
  /** Configurations that were refused since the start, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** The one that was refused last, until another one is taken. */
  readonly refusal: FleetRefusalStatus | undefined;
}

export interface FleetUnreadStatus {
  readonly since: string;
  readonly error: string;
}

export interface FleetRefusalStatus {
  readonly at: string;
  /** A stable word. */
  readonly reason: string;
  readonly detail: string;
  readonly serial: number | undefined;
}
