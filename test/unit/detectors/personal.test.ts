/** Goal: personal data is found by its checksums, and ids, times and versions are not taken for it. Method: texts in. */
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";

const personal = await Detectors.create(["personal"]);
const entropy = await Detectors.create(["entropy"]);

function found(text: string, detectors = personal): string[] {
  const bytes = Buffer.from(text);
  return detectors
    .find(bytes, 0, bytes.length)
    .map(({ start, end, detector }) => `${detector}: ${bytes.toString("utf8", start, end)}`);
}

describe("personal", () => {
  test.each([
    ["card 4111 1111 1111 1111 declined", ["card: 4111 1111 1111 1111"]],
    ["4111111111111111", ["card: 4111111111111111"]],
    ["3782-822463-10005.", ["card: 3782-822463-10005"]],
    ["IBAN DE89 3704 0044 0532 0130 00, BIC", ["iban: DE89 3704 0044 0532 0130 00"]],
    ["to GB29NWBK60161331926819 FROM", ["iban: GB29NWBK60161331926819"]],
    ["mail jürgen.x+y@exämple.example.com.", ["email: jürgen.x+y@exämple.example.com"]],
    ["mailto:a@b.co?x", ["email: a@b.co"]],
    ["from 10.26.211.72:443 to [2001:db8::1]:80", ["ipv4: 10.26.211.72", "ipv6: 2001:db8::1"]],
    ["::ffff:10.0.0.1", ["ipv6: ::ffff:10.0.0.1"]],
  ])("personal - in %j finds %j", (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test.each([
    "4111 1111 1111 1112",
    "1742539047915 1742539047915055685",
    "b28b4f9b-5d62-4c0b-97ef-6a7203793043",
    "id 41111111-1111-1111-1111-111111111111",
    "DE88 3704 0044 0532 0130 00",
    "12:34:56 aa:bb:cc:dd:ee:ff std::vector",
    "1.2.3.4.5 v1.44.235 300.1.1.1",
    "user@host @param a@b",
    "5d64dcd326aa93f6542e27f757ec8146",
  ])("personal - in %j finds nothing", (text) => {
    expect(found(text)).toEqual([]);
  });

  test("entropy - reports words that look drawn by chance, and no hexadecimal ones", () => {
    const word = Buffer.from(Array.from({ length: 30 }, (_, at) => (at * 167 + 41) % 256));
    expect(found(`x ${word.toString("base64")} y`, entropy)).toHaveLength(1);
    expect(found(`x ${word.toString("hex")} aVeryLongNameOfAClassInJava1`, entropy)).toEqual([]);
  });
});
