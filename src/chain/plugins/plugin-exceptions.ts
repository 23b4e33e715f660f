/**
 * Where exceptions of plugins are shown whole, for who writes one: message and stack, which may hold content of an event. So
 * that is done for `--dev` and for tests of plugins only.
 */

/** Where it was thrown. */
export interface ThrownAt {
  /** Where a step threw it, or the making of one; not while the file was loaded. */
  readonly step?: string;
  readonly file: string;
}

class PluginExceptions {
  /** Takes the stack, which begins with the message. Undefined where exceptions are not shown. */
  show: ((at: ThrownAt, stack: string) => void) | undefined;

  /** Shows what was thrown, if that is wanted. Never throws. */
  note(at: ThrownAt, thrown: unknown): void {
    if (this.show === undefined) return;
    try {
      this.show(at, thrown instanceof Error ? String(thrown.stack) : String(thrown));
    } catch {
      // It may be a proxy that throws when it is looked at.
    }
  }
}

/** Of this process. */
export const pluginExceptions = new PluginExceptions();
