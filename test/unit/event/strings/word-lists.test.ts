/** Command lines as lists of words in JSON: an option in one string, and its secret in the next. */
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../../src/detectors/detectors.ts";
import { detectedInJson } from "../../../../src/event/strings/detected.ts";
import { spliced } from "../../../../src/event/strings/splices.ts";

const detectors = await Detectors.create(["credentials"]);
const secret = ["hunter", "2"].join("");

function redacted(json: string): string {
  const bytes = Buffer.from(json);
  if (!detectors.mayFind(bytes, 0, bytes.length)) return json;
  const search = {
    mayFind: detectors.mayFind.bind(detectors),
    mayFindIn: detectors.mayFindIn.bind(detectors),
    find: detectors.find.bind(detectors),
  } as never;
  const secrets = { search, partial: false, replace: () => "*" };
  const splices = detectedInJson(bytes, { start: 0, end: bytes.length }, secrets);
  return spliced(bytes, splices).toString();
}

describe("lists of words", () => {
  test.each([
    [["mysqldump", "--password", secret, "db"], 2],
    [["tool", "--api-key", secret], 2],
    [["curl", "-s", "-u", `ann:${secret}`, "https://host"], 3],
    [["sshpass", "-p", secret, "ssh", "host"], 2],
    [["redis-cli", "-a", secret, "ping"], 2],
    [["mysql", "-u", "root", `-p${secret}`], 3],
    [["tool", "--token", `é${secret}`], 2],
  ])("lists - %j loses its secret, and nothing else", (words, place) => {
    for (const space of [undefined, 2]) {
      const before = { a: "-x", args: words, b: ["--verbose", "y"] };
      const after = JSON.parse(redacted(JSON.stringify(before, undefined, space))) as typeof before;
      expect(after.args[place]).toMatch(/^(?:ann:|-p)?\*$/);
      expect(after).toEqual({ ...before, args: words.with(place, after.args[place]!) });
    }
  });

  test.each([
    { option: "--password", other: secret },
    { list: ["--password", "--verbose"] },
    { list: ["--password"], next: [secret] },
    { list: ["-u", "1000:1000"] },
  ])("lists - %j is no command with a secret", (event) => {
    const json = JSON.stringify(event);
    expect(redacted(json)).toBe(json);
  });
});
