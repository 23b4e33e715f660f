/**
 * A line that a plugin logs: a copy of plain values as they were then, and no more than a log can bear. A text is whole, or
 * only its length is there: a part of it could end within a secret, which nobody would find any more.
 */

export interface LoggedLine {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** In one line, with those that hold others. */
const values_max = 100;
/** In one line, names included. */
const characters_max = 16_384;
const depth_max = 6;

const unreadable = "(cannot be read)";

/** The line of these facts and this message, whatever the plugin gave for them. Never throws. */
export function loggedLine(facts: unknown, message: unknown): LoggedLine {
  const copying = new Copying();
  const said = copying.copy(message, 0) ?? "";
  const copied = copying.copy(facts, 0) ?? {};
  return {
    facts: isMap(copied) ? copied : { facts: copied },
    message: typeof said === "string" ? said : JSON.stringify(said),
  };
}

/** The same value with other texts, names included. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (typeof value === "number") {
    const changed = change(String(value));
    return changed === String(value) ? value : changed;
  }
  if (Array.isArray(value)) return value.map((each: unknown) => mapTexts(each, change));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [change(name), mapTexts(each, change)]),
  );
}

/** Whether it is an object with names. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Copying {
  #values = values_max;
  #characters = characters_max;

  /** Undefined for what JSON has no word for. */
  copy(value: unknown, depth: number): unknown {
    try {
      if (typeof value === "string") return this.#text(value);
      if (typeof value === "bigint") return this.#text(String(value));
      if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
      if (value === null || typeof value === "boolean") return value;
      if (typeof value === "object") return this.#object(value, depth);
    } catch {
      return unreadable;
    }
    return undefined;
  }

  #text(text: string): string {
    if (text.length > this.#characters) return `(${text.length} characters)`;
    this.#characters -= text.length;
    return text;
  }

  #object(value: object, depth: number): unknown {
    // The stack begins with class and message.
    if (value instanceof Error) return this.#text(String(value.stack));
    if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
    if (depth >= depth_max) return "…";
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return this.copy(toJSON.call(value), depth + 1);
    if (Array.isArray(value)) return this.#list(value, depth);
    const names = Object.keys(value);
    const copied: [string, unknown][] = [];
    for (const [number, name] of names.entries()) {
      if (!this.#takesOne()) {
        copied.push(["…", `(${names.length - number} more)`]);
        break;
      }
      const each = this.copy((value as Record<string, unknown>)[name], depth + 1);
      if (each !== undefined) copied.push([this.#text(name), each]);
    }
    return Object.fromEntries(copied);
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    const copied: unknown[] = [];
    while (copied.length < list.length) {
      if (!this.#takesOne()) return [...copied, `(${list.length - copied.length} more)`];
      copied.push(this.copy(list[copied.length], depth + 1) ?? null);
    }
    return copied;
  }

  #takesOne(): boolean {
    this.#values -= 1;
    return this.#values >= 0;
  }
}
