/**
 * The contract of every input, and of what it delivers its blocks to.
 */
import type { Block } from "../event/block.ts";

/** Where an input delivers its blocks: the agent's pipeline. */
export interface Intake {
  /**
   * Takes one block through the chain to the outputs, before it returns. Where a promise is returned, the
   * input waits for it before it reads on: that is all there is to backpressure. Never rejects.
   */
  accept(block: Block): Promise<void> | undefined;
  /** Says that the input has nothing to read just now. */
  idle(): void;
}

export interface Input {
  readonly name: string;
  /** Opens what it reads from and begins to deliver. Throws a TallymanError for what the user can mend. */
  start(intake: Intake): Promise<void>;
  /** Stops reading promptly and closes everything. After it nothing is delivered. */
  stop(): Promise<void>;
}
