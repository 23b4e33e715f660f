/** What a text holds in encodings: escapes, percent-encoding, base64, and hexadecimal digits, as auditd writes arguments. */
import { base64Parts, mayHoldBase64, percentParts } from "../../event/strings/encodings.ts";
import { beginsLikeJson } from "../../event/scan/json-hint.ts";
import { hexParts, mayHoldHex } from "../../event/strings/hexadecimal.ts";
import { resolved } from "../../event/strings/spelled-text.ts";

/** Encodings in each other that are resolved: as many as redact does, in hexadecimal digits. */
const levels_max = 3;

/** How it is encoded: `text` where redact resolves it without being asked. */
export type Encoding = "text" | "url" | "base64" | "hexadecimal";

export interface HeldText {
  readonly encoding: Encoding;
  readonly text: string;
}

/** The texts that one holds, and those that these hold. */
export function* heldTexts(text: string, levels = levels_max): Generator<HeldText> {
  if (levels === 0) return;
  for (const held of heldIn(text)) {
    yield held;
    for (const { text: inner } of heldTexts(held.text, levels - 1)) {
      yield { encoding: held.encoding, text: inner };
    }
  }
}

function* heldIn(text: string): Generator<HeldText> {
  // A quote in a text of SQL or CSV.
  if (text.includes("''")) yield { encoding: "text", text: text.replaceAll("''", "'") };
  const spelled = /[\\%]/.test(text) ? resolved(text) : undefined;
  if (spelled !== undefined) yield { encoding: "text", text: spelled.text };
  const bytes = Buffer.from(text);
  const characters = bytes.toString("latin1");
  if (characters.includes("%")) {
    for (const { held } of percentParts(characters, isLikeJson)) {
      yield { encoding: "url", text: held.toString() };
    }
  }
  if (mayHoldBase64(bytes, 0, bytes.length)) {
    for (const { held } of base64Parts(characters)) {
      yield { encoding: "base64", text: held.toString() };
    }
  }
  if (!mayHoldHex(bytes, 0, bytes.length)) return;
  for (const { held } of hexParts(characters)) {
    // A NUL is between the arguments of a command.
    yield { encoding: "hexadecimal", text: held.toString().replaceAll("\0", " ") };
  }
}

function isLikeJson(held: Buffer): boolean {
  return beginsLikeJson(held, 0, held.length);
}
