/** The text mask behind a redacted name: no format in which loggers, dumps or people write a secret leaves it readable. */
import { describe, expect, test } from "vitest";
import { textMask } from "../../../../src/chain/masking/text-mask.ts";
import { secret, secret_formats, secret_names } from "../../../support/secrets/secret-formats.ts";

const mask = textMask(
  secret_names.map((name) => ({ name, replacement: "***" })),
  "***",
);

describe.each(secret_formats)("%s", (_kind, texts) => {
  test.each(texts)("text mask - %j", (text) => {
    expect(text).toContain(secret[0]);
    const masked = mask(text);
    expect(masked.replaceAll("\0", "")).not.toContain(secret);
    if (isJson(text)) expect(isJson(masked)).toBe(true);
  });
});

describe("in a string of strict JSON", () => {
  test.each(secret_formats)("text mask - %s", (_kind, texts) => {
    for (const text of texts) {
      const masked = mask(JSON.stringify({ a: 1, log: text, b: "kept" }));
      const { a, log, b } = JSON.parse(masked) as { a: number; log: string; b: string };
      expect(log.replaceAll("\0", "")).not.toContain(secret);
      expect([a, b]).toEqual([1, "kept"]);
    }
  });
});

describe("UTF-16 that was read as bytes", () => {
  const encodings: Record<string, (text: string) => Buffer> = {
    "little endian": (text) => Buffer.from(text, "utf16le"),
    "big endian": (text) => Buffer.from(text, "utf16le").swap16(),
    "little endian with its mark": (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  };

  test.each(Object.keys(encodings))("text mask - %s is masked whole", (name) => {
    const text = encodings[name]!(`{"n":1,"password":"${secret}"}`).toString();
    expect(mask(text)).toBe("***");
    const held = mask(JSON.stringify({ log: text, b: "kept" }));
    expect(JSON.parse(held)).toEqual({ log: "***", b: "kept" });
  });
});

describe("ordinary text", () => {
  test.each([
    "Failed password for root from 10.0.0.1 port 22 ssh2",
    "tokens=3 token_count=4 authorizationlist=5 pinned=6 spin=7",
    '{"action":"token","id":5,"ok":true}',
    "{ action: 'token', id: 5 }",
    '[{"action":"token"},{"id":5}],',
    "see token.txt",
    "C:\\Users\\ann\\file.log and %d of %s in 50% & more; ^[a-z]+$",
    "AWS4-HMAC-SHA256 SignedHeaders=host;authorization;x-amz-date",
  ])("text mask - at most one word of %j is masked", (text) => {
    const words = mask(text).split(/[^\w.*]+/);
    expect(text.split(/[^\w.*]+/)).toHaveLength(words.length);
    expect(words.filter((word) => word.includes("***")).length).toBeLessThan(2);
  });

  test("text mask - one secret of a coloured line is masked, and nothing else", () => {
    const line =
      "\u001b[36mINFO\u001b[0m \u001b[36mpassword\u001b[0m=x \u001b[36muser\u001b[0m=ann";
    expect(mask(line)).toBe(line.replace("=x", "=***"));
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
