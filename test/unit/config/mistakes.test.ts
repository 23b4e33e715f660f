/**
 * Typical mistakes, each with the exact place and words of the complaint.
 */
import { describe, expect, test } from "vitest";
import { complaintsAbout } from "../../support/configuration.ts";

const inputs = `inputs:\n  a: { paths: [/var/log/a.log] }\n`;
const output = `output: { url: "https://splunk:8088", token: abc }\n`;

interface Mistake {
  slip: string;
  text: string;
  expected: string[];
}

const yaml_mistakes: Mistake[] = [
  {
    slip: "a tab as indentation",
    text: `inputs:\n\ta: {}\n`,
    expected: ["2:1 a tab in the indentation; YAML is indented with spaces"],
  },
  {
    slip: "wrong indentation",
    text: `inputs:\n    a: {}\n  b: {}\n`,
    expected: ["3:1 wrong indentation; keys of one map begin in the same column"],
  },
  {
    slip: "a Windows path in double quotes",
    text: `inputs:\n  a: { paths: ["C:\\logs"] }\n`,
    expected: [
      "2:19 in double quotes a backslash begins an escape; write \\\\ for a backslash, or use single quotes",
    ],
  },
  {
    slip: "a quote that is never closed",
    text: `inputs: {}\nstate_dir: "abc\noutput: {}\n`,
    expected: ["2:12 the quote is never closed"],
  },
  {
    slip: "a bracket that is never closed",
    text: `inputs:\n  a: { paths: ["/a", "/b" }\n  b:\n    paths: [/x]\n`,
    expected: ["2:15 the [ is never closed; write ] where it ends"],
  },
  {
    slip: "a brace that is never closed, with lines below it",
    text: `output: { url: "https://a:1", tls: { verify: false }\nstate_dir: /a\ninputs: {}\n`,
    expected: ["1:9 the { is never closed; write } where it ends"],
  },
  {
    slip: "the variable of a shell",
    text: `${inputs}output: { url: "https://$SPLUNK:8088", token: $TOKEN }\n`,
    expected: [
      '3:16 output.url: "$SPLUNK" is not filled in; write ${env:SPLUNK} for the environment variable SPLUNK',
      '3:47 output.token: "$TOKEN" is not filled in; write ${env:TOKEN} for the environment variable TOKEN',
    ],
  },
  {
    slip: "a colon in bare text",
    text: `state_dir: a: b\n`,
    expected: [
      '1:12 a second ": " on one line, or a key indented more than its neighbours; put text with ": " in quotes',
    ],
  },
  {
    slip: "a bare @",
    text: `inputs: {}\nstate_dir: @home\n`,
    expected: ["2:12 a value cannot begin with this character; put the text in quotes"],
  },
  {
    slip: "a tag",
    text: `state_dir: !env HOME\n`,
    expected: ['1:12 tags ("!…") have no meaning here; put text that begins with "!" in quotes'],
  },
  {
    slip: "two documents",
    text: `---\n${inputs}---\n${output}`,
    expected: ['4:1 a second document begins here ("---"); a configuration is one document'],
  },
  {
    slip: "a key twice",
    text: `${inputs}${output}state_dir: /a\nstate_dir: /b\n`,
    expected: ['5:1 state_dir: "state_dir" is given twice here; remove one of them'],
  },
  {
    slip: "an alias without its anchor",
    text: `${inputs}${output}state_dir: *home\n`,
    expected: ['4:12 state_dir: there is no such anchor; put text that begins with "*" in quotes'],
  },
  {
    slip: "a blank missing in braces",
    text: `${inputs}output: { url: "https://splunk:8088", token:abcdef }\n`,
    expected: ['3:39 output.token: is the space after the ":" missing?'],
  },
  { slip: "nothing at all", text: "", expected: ["1:1 the file is empty"] },
  { slip: "only comments", text: "# nothing\n", expected: ["1:1 the file is empty"] },
  {
    slip: "text that is no map",
    text: "inputs:a\n",
    expected: ['1:1 expected a map of options, found "inputs:a"; is the space after ":" missing?'],
  },
];

const top_mistakes: Mistake[] = [
  {
    slip: "everything missing",
    text: "{}\n",
    expected: [
      "1:1 output: is missing: where events go; for several, write `outputs`",
      "1:1 inputs: is missing. The inputs, by the name that status, metrics and the ledger use.",
    ],
  },
  {
    slip: "a mistyped option",
    text: `state_dri: /tmp\n${inputs}${output}`,
    expected: ['1:1 state_dri: unknown option; did you mean "state_dir"?'],
  },
  {
    slip: "an option that there is nothing like",
    text: `${inputs}${output}log: { whatsoever: 1 }\n`,
    expected: ["4:8 log.whatsoever: unknown option; known here: level"],
  },
  {
    slip: "a mistyped word",
    text: `${inputs}${output}log: { level: wran }\n`,
    expected: [
      '4:15 log.level: expected "debug" or "info" or "warn" or "error", found "wran"; did you mean "warn"?',
    ],
  },
  {
    slip: "a number for a duration",
    text: `${inputs}${output}shutdown_timeout: 30\n`,
    expected: [
      "4:19 shutdown_timeout: expected a duration with a unit, such as 200ms, 30s, 5m or 1h; write 30s if that is meant",
    ],
  },
  {
    slip: "words for a duration",
    text: `${inputs}${output}shutdown_timeout: half a minute\n`,
    expected: [
      "4:19 shutdown_timeout: expected a duration with a unit, such as 200ms, 30s, 5m or 1h",
    ],
  },
  {
    slip: "a home directory",
    text: `state_dir: ~/state\n${inputs}${output}`,
    expected: ['1:12 state_dir: "~" has no meaning here; write the whole path'],
  },
  {
    slip: "a map for the chain",
    text: `${inputs}${output}chain:\n  filter: {}\n`,
    expected: ['4:1 chain: expected a list, found a map; begin each item with "- "'],
  },
];

const input_mistakes: Mistake[] = [
  {
    slip: "no input",
    text: `inputs: {}\n${output}`,
    expected: ["1:9 inputs: expected at least one input"],
  },
  {
    slip: "a value that is not indented",
    text: `inputs:\n${output}`,
    expected: [
      "1:1 inputs: expected a map by name, found nothing; is the value missing, or not indented under its key?",
    ],
  },
  {
    slip: "a list of inputs",
    text: `inputs:\n  - paths: [/a]\n${output}`,
    expected: [
      '1:1 inputs: expected a map by name, found a list; write "name: value", without "- " and [ ]',
    ],
  },
  {
    slip: "two inputs on one socket",
    text: `inputs:\n  a: { type: socket, path: /run/a }\n  b: { type: socket, path: /run/a }\n${output}`,
    expected: ["3:28 inputs.b.path: input a already receives there"],
  },
  {
    slip: "a receiver on a socket input's path",
    text: `inputs:\n  a: { type: socket, path: /run/a }\n  b: { type: hec, listen: "unix:/run/a", tokens: [x] }\n${output}`,
    expected: ["3:27 inputs.b.listen: input a already receives there"],
  },
  {
    slip: "two receivers on one port",
    text: `inputs:\n  a: { type: hec, listen: ":88", tokens: [x] }\n  b: { type: hec, listen: ":088", tokens: [x] }\n${output}`,
    expected: ["3:27 inputs.b.listen: input a already receives there"],
  },
  {
    slip: "standard input twice",
    text: `inputs:\n  a: { type: stdin }\n  b: { type: stdin }\n${output}`,
    expected: ["3:14 inputs.b.type: input a already receives there"],
  },
  {
    slip: "a name with a capital",
    text: `inputs:\n  S3: { paths: [/a] }\n${output}`,
    expected: [
      "2:3 inputs.S3: expected a name of lower-case letters, digits and _, such as s3_audit",
    ],
  },
  {
    slip: "text for a list",
    text: `inputs:\n  a:\n    paths: /var/log/a.log\n${output}`,
    expected: [
      '3:12 inputs.a.paths: expected a list, found "/var/log/a.log"; write a list: ["/var/log/a.log"]',
    ],
  },
  {
    slip: "an empty list",
    text: `inputs:\n  a: { paths: [] }\n${output}`,
    expected: ["2:15 inputs.a.paths: expected at least 1 item, found an empty list"],
  },
  {
    slip: "a Windows path",
    text: `inputs:\n  a:\n    paths:\n      - 'C:\\logs\\*.log'\n${output}`,
    expected: [
      "4:9 inputs.a.paths[0]: this is a Windows path; tallyman runs where paths begin with /, such as /var/log",
    ],
  },
  {
    slip: "a size below what is allowed",
    text: `inputs:\n  a: { paths: [/a], max_event_bytes: 5B }\n${output}`,
    expected: ['2:38 inputs.a.max_event_bytes: expected at least 1KiB, found "5B"'],
  },
  {
    slip: "a mistyped framing",
    text: `inputs:\n  a: { paths: [/a], framing: linse }\n${output}`,
    expected: [
      expect.stringMatching(/^2:30 inputs\.a\.framing: expected .*"lines".*, found "linse"/),
    ],
  },
  {
    slip: "a mistyped framing with options",
    text: `inputs:\n  a: { paths: [/a], framing: { linse: {} } }\n${output}`,
    expected: ['2:32 inputs.a.framing.linse: unknown option; did you mean "lines"?'],
  },
  {
    slip: "an unknown option of a framing",
    text: `inputs:\n  a:\n    paths: [/a]\n    framing:\n      lines: { glue: x }\n${output}`,
    expected: [expect.stringMatching(/^5:16 inputs\.a\.framing\.lines\.glue: unknown option/)],
  },
  {
    slip: "a separator whose escape is not in double quotes",
    text: `inputs:\n  a: { paths: [/a], framing: { lines: { separator: '\\n' } } }\n${output}`,
    expected: [
      '2:52 inputs.a.framing.lines.separator: write "\\n": an escape has a meaning in double quotes only',
    ],
  },
  {
    slip: "an empty separator",
    text: `inputs:\n  a: { paths: [/a], framing: { lines: { separator: "" } } }\n${output}`,
    expected: ["2:41 inputs.a.framing.lines.separator: expected text of 1 to 16 bytes, found 0"],
  },
  {
    slip: "a wrong pattern for groups of lines",
    text: `inputs:\n  a: { paths: [/a], framing: { multiline: { start: '^(\\d{4}' } } }\n${output}`,
    expected: [
      "2:52 inputs.a.framing.multiline.start: error parsing regexp: missing closing ): `^(\\d{4}`",
    ],
  },
  {
    slip: "groups of lines without a pattern",
    text: `inputs:\n  a: { paths: [/a], framing: { multiline: { max_lines: 5 } } }\n${output}`,
    expected: ["2:43 inputs.a.framing.multiline: expected start, end or both"],
  },
  {
    slip: "groups of lines without options",
    text: `inputs:\n  a: { paths: [/a], framing: multiline }\n${output}`,
    expected: ["2:30 inputs.a.framing: multiline needs options: write { multiline: { … } }"],
  },
  {
    slip: "a map of no framing",
    text: `inputs:\n  a: { paths: [/a], framing: {} }\n${output}`,
    expected: [
      expect.stringMatching(
        /^2:30 inputs\.a\.framing: expected one of .*lines.* with its options; found none$/,
      ),
    ],
  },
  {
    slip: "a framing that is neither a name nor a map",
    text: `inputs:\n  a: { paths: [/a], framing: [lines] }\n${output}`,
    expected: ["2:30 inputs.a.framing: expected a map of options, found a list"],
  },
  {
    slip: "a time path that is none",
    text: `inputs:\n  a: { paths: [/a], time: ["a..b"] }\n${output}`,
    expected: [expect.stringMatching(/^2:28 inputs\.a\.time\[0\]: /)],
  },
];

/** What other programs call it, or where users look for it. */
const hec = (line: string): string =>
  `${inputs}output:\n  url: https://splunk:8088\n  token: abcd-1234\n  ${line}\n`;
const step = (line: string): string => `${inputs}${output}chain:\n  - ${line}\n`;

/** As they are made by who copies from a document, or from another program's configuration. */
const copied: Mistake[] = [
  {
    slip: "quotes of a word processor",
    text: `${inputs}output:\n  url: “https://splunk:8088”\n  token: abc\n`,
    expected: [
      `4:8 output.url: expected a URL; such as https://splunk.example.com:8088; quotes are written " or '`,
    ],
  },
  {
    slip: "a no-break space as indentation",
    text: `${output}inputs:\n\u00a0\u00a0app: { paths: [/x.log] }\n`,
    expected: [
      "2:1 inputs: expected a map by name, found nothing; is the value missing, or not indented under its key?",
      '3:1 ["\u00a0\u00a0app"]: another kind of space before the key, such as a no-break space; YAML is indented with spaces',
    ],
  },
  {
    slip: "a list where one text is asked",
    text: `${inputs}output: { url: ["https://a:1", "https://b:1"], token: abc }\n`,
    expected: ["3:16 output.url: expected text, found a list; write one text, without brackets"],
  },
  {
    slip: "a percentage",
    text: step("sample: { rate: 10% }"),
    expected: ['5:21 chain[0].sample.rate: expected a number, found "10%"; write 0.1'],
  },
  {
    slip: "a step without options",
    text: step("redact"),
    expected: [
      '5:5 chain[0]: expected a map of options, found "redact"; write "name: value" below it, or { name: value }',
    ],
  },
  {
    slip: "a colon and a space in braces",
    text: step('filter: { drop: api.name == "a: b" }'),
    expected: [
      '5:21 a second ": " in this value, or a list or map with lines of its own inside [ ] or { }; put text with ": " in quotes',
    ],
  },
  {
    slip: "a token with the line end of a block",
    text: `${inputs}output:\n  url: https://splunk:8088\n  token: |\n    abcd-1234\n`,
    expected: [
      '5:10 output.token: remove the space or line end around the token; behind "|" YAML keeps the last line end, behind "|-" it does not',
    ],
  },
  ...["index", "sourcetype", "source", "host"].map((name) => ({
    slip: `the ${name} at the output`,
    text: hec(`${name}: x`),
    expected: [`6:3 output.${name}: unknown option; write metadata: { ${name}: … } at each input`],
  })),
  {
    slip: "metadata at the output",
    text: hec("metadata: { index: x }"),
    expected: ["6:3 output.metadata: unknown option; write it at each input"],
  },
];

const other_words: Mistake[] = [
  {
    slip: "one path, and the option in the singular",
    text: `inputs:\n  a: { path: /var/log/a.log }\n${output}`,
    expected: ['2:8 inputs.a.path: unknown option; did you mean "paths"?'],
  },
  {
    slip: "files as another program calls them",
    text: `inputs:\n  a: { include: [/var/log/a.log] }\n${output}`,
    expected: ["2:8 inputs.a.include: unknown option; write paths"],
  },
  {
    slip: "metadata beside its place",
    text: `inputs:\n  a: { paths: [/a], source_type: x, index: y }\n${output}`,
    expected: [
      "2:21 inputs.a.source_type: unknown option; write metadata: { sourcetype: … }",
      "2:37 inputs.a.index: unknown option; write metadata: { index: … }",
    ],
  },
  {
    slip: "an output without a check of certificates, as another program calls it",
    text: `${inputs}output: { url: "https://splunk:8088", token: abc, ssl_verify: false }\n`,
    expected: ["3:51 output.ssl_verify: unknown option; write tls: { verify: false }"],
  },
  {
    slip: "sections of another program",
    text: `sources: {}\n${inputs}sinks: {}\n${output}`,
    expected: [
      "1:1 sources: unknown option; write inputs",
      "4:1 sinks: unknown option; write outputs",
    ],
  },
  {
    slip: "a port alone",
    text: `inputs:\n  a: { type: hec, listen: 8088, tokens: [x] }\n${output}`,
    expected: [
      "2:27 inputs.a.listen: expected an address and a port, such as 127.0.0.1:8088, [::1]:8088 or :8088, or unix:/path",
    ],
  },
  {
    slip: "yes for true",
    text: `${inputs}${output}lifecycle: { enabled: "yes" }\n`,
    expected: ['4:23 lifecycle.enabled: expected true or false, found "yes"; write true'],
  },
];

const time_mistakes: Mistake[] = [
  {
    slip: "an option of time that does not exist",
    text: `inputs:\n  a: { paths: [/a], time: { fields: [x] } }\n${output}`,
    expected: ['2:29 inputs.a.time.fields: unknown option; did you mean "field"?'],
  },
  {
    slip: "a zone that does not exist",
    text: `inputs:\n  a: { paths: [/a], time: { zone: CEST } }\n${output}`,
    expected: [
      '2:35 inputs.a.time.zone: there is no zone "CEST"; name one such as Europe/Berlin, UTC or local',
    ],
  },
  {
    slip: "a pattern with a directive that does not exist",
    text: `inputs:\n  a: { paths: [/a], time: { format: "%F %T %q" } }\n${output}`,
    expected: [
      expect.stringMatching(
        /^2:37 inputs\.a\.time\.format: cannot be read as a pattern: %q is not known; known are .* \(column 7\)$/,
      ),
    ],
  },
  {
    slip: "a time that is neither a list nor a map",
    text: `inputs:\n  a: { paths: [/a], time: when }\n${output}`,
    expected: ['2:27 inputs.a.time: expected a list or a map of options, found "when"'],
  },
];

const output_mistakes: Mistake[] = [
  {
    slip: "no token",
    text: `${inputs}output:\n  url: https://splunk:8088\n`,
    expected: [expect.stringMatching(/^3:1 output\.token: is missing\. The collector's token\./)],
  },
  {
    slip: "a token with its scheme",
    text: `${inputs}output: { url: "https://splunk:8088", token: Splunk abcdef-123456 }\n`,
    expected: ['3:46 output.token: remove "Splunk ": expected the token alone'],
  },
  {
    slip: "a token that YAML takes for a number",
    text: `${inputs}output: { url: "https://splunk:8088", token: 12345678 }\n`,
    expected: [
      "3:46 output.token: expected text, found a value that is not shown here; put it in quotes if it is meant as text",
    ],
  },
  {
    slip: "a token in the URL",
    text: `${inputs}output: { url: "https://splunk:8088?token=abcdef", token: abc }\n`,
    expected: [
      "3:16 output.url: the URL must not have a query; such as https://splunk.example.com:8088",
    ],
  },
  {
    slip: "a URL without its scheme",
    text: `${inputs}output: { url: "splunk:8088", token: abc }\n`,
    expected: [
      "3:16 output.url: expected http:// or https://; such as https://splunk.example.com:8088",
    ],
  },
  {
    slip: "a batch beyond Splunk's limit",
    text: `${inputs}output:\n  url: https://splunk:8088\n  token: abc\n  batch:\n    max_bytes: 100MiB\n`,
    expected: [
      "7:16 output.batch.max_bytes: expected a size from 4KiB to 5MiB (Splunk Cloud's limit)",
    ],
  },
  {
    slip: "a number in quotes",
    text: `${inputs}output: { url: "https://splunk:8088", token: abc, max_in_flight: "8" }\n`,
    expected: ['3:66 output.max_in_flight: expected a number, found "8"; write 8, without quotes'],
  },
];

const step_mistakes: Mistake[] = [
  {
    slip: "a mistyped plugin",
    text: `${inputs}${output}chain:\n  - redcat: { fields: [a] }\n`,
    expected: ['5:5 chain[0].redcat: there is no plugin "redcat"; did you mean "redact"?'],
  },
  {
    slip: "two plugins in one step",
    text: `${inputs}${output}chain:\n  - redact: { fields: [a] }\n    filter: { drop: "true" }\n`,
    expected: [
      "5:5 chain[0]: expected exactly one plugin's name with its options in a step; found redact, filter; " +
        'a step of its own begins with "- "',
    ],
  },
  {
    slip: "options that stand beside their plugin",
    text: `${inputs}${output}chain:\n  - filter:\n    drop: "true"\n`,
    expected: [
      "5:5 chain[0]: expected exactly one plugin's name with its options in a step; found filter, drop. " +
        "Indent `drop` below `filter`, to stand deeper than it",
    ],
  },
  {
    slip: "a mistyped option of a plugin",
    text: `${inputs}${output}chain:\n  - redact:\n      feilds: [a]\n`,
    expected: [
      '6:7 chain[0].redact.feilds: unknown option; did you mean "fields"?',
      "5:5 chain[0].redact: expected at least one of `fields`, `keys`, `detect`, `patterns` and `pack`",
    ],
  },
  {
    slip: "text for a plugin's list",
    text: `${inputs}${output}chain:\n  - redact: { fields: token }\n`,
    expected: [
      '5:23 chain[0].redact.fields: expected a list, found "token"; write a list: ["token"]',
    ],
  },
  {
    slip: "a wrong path in a plugin's options",
    text: `${inputs}${output}chain:\n  - redact: { fields: [good, "a..b"] }\n`,
    expected: [expect.stringMatching(/^5:30 chain\[0\]\.redact\.fields\[1\]: this path is wrong/)],
  },
  {
    slip: "a wrong condition",
    text: `${inputs}${output}chain:\n  - filter:\n      drop: 'a === 1'\n`,
    expected: [expect.stringMatching(/^6:13 chain\[0\]\.filter\.drop: this condition is wrong/)],
  },
  {
    slip: "a wrong word beside the plugin",
    text: `${inputs}${output}chain:\n  - redact: { fields: [a] }\n    on_error: ship\n`,
    expected: ['6:15 chain[0].on_error: expected "quarantine" or "drop", found "ship"'],
  },
];

describe.each([
  ["YAML", yaml_mistakes],
  ["the top", top_mistakes],
  ["inputs", input_mistakes],
  ["what was copied", copied],
  ["words of other programs", other_words],
  ["times", time_mistakes],
  ["the output", output_mistakes],
  ["steps", step_mistakes],
])("mistakes in %s", (_where, mistakes) => {
  test.each(mistakes)("config - names the place and the cure of $slip", async (mistake) => {
    expect(await complaintsAbout(mistake.text)).toEqual(mistake.expected);
  });
});

describe("all mistakes", () => {
  test("config - tells all of them at once, in the order of the file", async () => {
    const text = `state_dri: /tmp
inputs:
  a:
    paths: /a
    start_at: begining
output:
  url: splunk
  token: \${env:MISSING}
chain:
  - redact: { fields: ["a..b"] }
`;
    const places = (await complaintsAbout(text)).map((each) => each.replace(/:? .*/, ""));
    expect(places).toEqual(["1:1", "4:12", "5:15", "7:8", "8:10", "10:24"]);
  });

  test("config - a step that is none does not hide the mistakes of the others", async () => {
    const steps = `chain:\n  - {}\n  - redcat: {}\n  - 5\n  - redact: { fields: 5 }\n`;
    expect(await complaintsAbout(`${inputs}${output}${steps}`)).toEqual([
      "5:5 chain[0]: expected exactly one plugin's name with its options in a step; found none",
      "7:5 chain[2]: expected a map of options, found 5",
      '6:5 chain[1].redcat: there is no plugin "redcat"; did you mean "redact"?',
      "8:23 chain[3].redact.fields: expected a list, found 5",
    ]);
  });

  test("config - the same file with CRLF and a byte order mark has them in the same places", async () => {
    const text = `state_dri: /tmp\n${inputs}${output}log: { level: wran }\n`;
    const windows = `\uFEFF${text.replaceAll("\n", "\r\n")}`;
    expect(await complaintsAbout(windows)).toEqual(await complaintsAbout(text));
    expect(await complaintsAbout(text)).toHaveLength(2);
  });
});
