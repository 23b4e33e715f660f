/** UTF-8 in a file of UTF-16 is replaced, and nothing that people write in any script is. */
import { describe, expect, it } from "vitest";
import { replaceOther } from "../../../../../src/inputs/framing/decoding/other-encoding.ts";
import { toUtf8 } from "../../../../../src/inputs/framing/decoding/transcode.ts";

const lines = [
  '{"time":"2025-03-21T06:37:27Z","user":"ann","password":"S3CR3TPW"}\n',
  '{"password":"S3CR3TPW"}\n',
  "2025-03-21 06:37:27 Logon of ann, password=S3CR3TPW\r\n",
];

function replaced(text: Buffer): { text: string; is_found: boolean } {
  const is_found = replaceOther(text, 0, text.length);
  return { text: text.toString(), is_found };
}

describe("other encoding", () => {
  it.each(lines)("other encoding - UTF-8 in UTF-16 of either order is replaced: %j", (line) => {
    const before = Buffer.from("日本語 abc ", "utf16le");
    for (const encoding of ["utf-16le", "utf-16be"] as const) {
      for (const pad of ["", " "]) {
        const head = encoding === "utf-16le" ? before : Buffer.from(before).swap16();
        const bytes = Buffer.concat([head, Buffer.from(pad + line + (line.length % 2 ? " " : ""))]);
        const { text, is_found } = replaced(toUtf8(bytes, encoding));
        expect(is_found).toBe(true);
        expect(text.startsWith("日本語 abc ")).toBe(true);
        const [back, swapped] = [
          Buffer.from(text, "utf16le"),
          Buffer.from(text, "utf16le").swap16(),
        ];
        for (const each of [back, swapped]) expect(each.toString("latin1")).not.toContain("S3CR");
      }
    }
  });

  it("other encoding - UTF-16 that begins at the wrong byte is replaced", () => {
    const shifted = Buffer.concat([Buffer.of(10), Buffer.from(lines[0]!, "utf16le"), Buffer.of(0)]);
    const { text, is_found } = replaced(toUtf8(shifted, "utf-16le"));
    expect(is_found).toBe(true);
    expect(text).not.toContain("\u5300\u3300");
  });

  it.each([
    [
      "Japanese",
      "これはとてもながいにほんごのぶんしょうでくぎりがありませんがそれでもひらがなです",
    ],
    ["Chinese", "中华人民共和国国家互联网信息办公室中中中中中中中中中中中中中中中中中中中中上下不"],
    ["Hindi", "अन्तर्राष्ट्रीयकरणसंगठनप्रौद्योगिकीविश्वविद्यालय"],
    ["Korean", "대한민국정부조직법제삼십사조에따른행정안전부장관"],
    ["symbols", "≡≡≡≡≡≡≡≡≡≡≡≡≡≡≡≡←↑→↓‘’“”•…⁂※‖―–—‐‑∀∂∃∅∇∈∉∋∏∑−∓∗"],
    ["Gurmukhi", "ਪੰਜਾਬਯੂਨੀਵਰਸਿਟੀਪਟਿਆਲਾਅੰਮ੍ਰਿਤਸਰ"],
    ["ASCII", lines[0]!],
  ])("other encoding - %s is left alone", (_, text) => {
    expect(replaced(Buffer.from(text.repeat(3)))).toEqual({
      text: text.repeat(3),
      is_found: false,
    });
  });
});
