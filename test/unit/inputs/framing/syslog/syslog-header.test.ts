/**
 * The header of syslog: what is taken off, what goes along, and what stays as it is.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { headerMask } from "../../../../../src/event/header-mask.ts";
import { takeSyslogHeader } from "../../../../../src/inputs/framing/syslog/syslog-header.ts";
import { textMask } from "../../../../../src/chain/masking/text-mask.ts";
import { sampled } from "../../../../support/effort.ts";

function taken(text: string) {
  const bytes = Buffer.concat([
    Buffer.from("before\n"),
    Buffer.from(text),
    Buffer.from("\nbehind"),
  ]);
  const start = "before\n".length;
  const end = bytes.length - "\nbehind".length;
  const found = takeSyslogHeader(bytes, start, end);
  if (found === undefined) return undefined;
  const { timestamp, host, fields } = found.header!;
  return { event: bytes.toString("utf8", found.content, end), timestamp, host, fields };
}

const json = '{"user":"ann","path":"/{a}"}';
const auth = { facility: "auth", severity: "crit" };

describe("before JSON", () => {
  test.each([
    [
      `<34>Oct 11 22:14:15 my-host.example su[231]: `,
      "Oct 11 22:14:15",
      "my-host.example",
      { ...auth, appname: "su", procid: "231" },
    ],
    [
      `<34>Oct  1 22:14:15 my-host app: @cee:`,
      "Oct  1 22:14:15",
      "my-host",
      { ...auth, appname: "app" },
    ],
    [
      `<34>Oct 11 22:14:15 app[7]: @cee: `,
      "Oct 11 22:14:15",
      undefined,
      { ...auth, appname: "app", procid: "7" },
    ],
    [
      `Oct 11 2026 22:14:15.5 10.0.0.1 app:`,
      "Oct 11 2026 22:14:15.5",
      "10.0.0.1",
      { appname: "app" },
    ],
    [
      `2025-07-14T08:00:00.123+02:00 fe80::1 postfix/smtpd[9]: `,
      "2025-07-14T08:00:00.123+02:00",
      "fe80::1",
      { appname: "postfix/smtpd", procid: "9" },
    ],
    [
      `2025-07-14T08:00:00Z INFO audit - `,
      "2025-07-14T08:00:00Z",
      undefined,
      { prefix: "INFO audit -" },
    ],
    [
      `<34>Oct 11 22:14:15 host app[main]: `,
      "Oct 11 22:14:15",
      undefined,
      { ...auth, prefix: "host app[main]:" },
    ],
    [`<34>app: `, undefined, undefined, { ...auth, appname: "app" }],
    [
      `<34>app: vault-audit `,
      undefined,
      undefined,
      { ...auth, appname: "app", prefix: "vault-audit" },
    ],
    [`<191>`, undefined, undefined, { facility: "local7", severity: "debug" }],
    [
      `<34>1 2003-10-11T22:14:15.003Z host su 8 ID47 - \ufeff`,
      "2003-10-11T22:14:15.003Z",
      "host",
      { ...auth, appname: "su", procid: "8", msgid: "ID47" },
    ],
    [`<34>1 - - - - - - @cee: `, undefined, undefined, auth],
    [
      `<34>1 2003-10-11T22:14:15Z h a - - [exampleSDID@32473 iut="3" iut="4" note="a \\"b\\] {c}"][empty@1] `,
      "2003-10-11T22:14:15Z",
      "h",
      {
        ...auth,
        appname: "a",
        "sd.exampleSDID@32473.iut": ["3", "4"],
        "sd.exampleSDID@32473.note": 'a "b] {c}',
      },
    ],
  ])("syslog header - %s", (header, timestamp, host, fields) => {
    expect(taken(header + json)).toEqual({ event: json, timestamp, host, fields });
  });

  it("syslog header - without anything but a time has no fields", () => {
    expect(taken(`2025-07-14T08:00:00Z ${json}`)).toEqual({
      event: json,
      timestamp: "2025-07-14T08:00:00Z",
      host: undefined,
      fields: undefined,
    });
  });
});

describe("before text, and before what is no JSON object alone", () => {
  test.each([
    "Oct 11 22:14:15 host su[2]: password=x",
    `<34>Oct 11 22:14:15 host su[2]: ${json} and more`,
    `<34>Oct 11 22:14:15 host su[2]: ${json.slice(0, -1)}`,
    `<34>1 2003-10-11T22:14:15Z host su 2 - [a@1 b="c"] text`,
  ])("syslog header - stays in the event: %s", (line) => {
    expect(taken(line)).toMatchObject({
      event: line,
      host: "host",
      fields: { appname: "su", procid: "2" },
    });
  });

  test.each([
    json,
    "",
    "no header",
    `prefix ${json}`,
    "<192>Oct 11 22:14:15 host su: x",
    "<034>Oct 11 22:14:15 host su: x",
    `<34>1 2003-10-11T22:14:15Z host su 2 - [a@1 b="\u0007"] ${json}`,
    `<34>Oct 11 22:14:15 host s\u0001u: ${json}`,
    `<34>Oct 11 22:14:15 host su: ${"x".repeat(300)} ${json}`,
    `<34>1 - - - - - [a ${'b="c" '.repeat(65)}] ${"x".repeat(300)} ${json}`,
  ])("syslog header - is none in: %s", (line) => {
    expect(taken(line)).toBeUndefined();
  });

  it("syslog header - is none where its bytes are no UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from("<34>s"), Buffer.of(0xe9), Buffer.from(`u: ${json}`)]);
    expect(takeSyslogHeader(bytes, 0, bytes.length)).toBeUndefined();
  });

  it("syslog header - is one object for all records that have the same", () => {
    const bytes = Buffer.from(
      `<34>Oct 11 22:14:15 host su: ${json}<34>Oct 11 22:14:16 host su: ${json}`,
    );
    const middle = bytes.length / 2;
    const [first, second] = [
      takeSyslogHeader(bytes, 0, middle),
      takeSyslogHeader(bytes, middle, bytes.length),
    ];
    expect(first!.header!.fields).toBe(second!.header!.fields);
    expect(first!.header!.timestamp).not.toBe(second!.header!.timestamp);
  });
});

describe("secrets", () => {
  const mask = headerMask(
    textMask([{ name: "password", replacement: "[REDACTED]" }], "[REDACTED]"),
  );
  const masked = (line: string) => {
    const bytes = Buffer.from(line);
    const { host, fields } = mask(takeSyslogHeader(bytes, 0, bytes.length)!.header!);
    return { host, fields };
  };

  test.each([
    [
      "in structured data",
      `<34>1 - h a - - [x@1 user="ann" password="Hunter2"] ${json}`,
      {
        host: "h",
        fields: { ...auth, appname: "a", "sd.x@1.user": "ann", "sd.x@1.password": "[REDACTED]" },
      },
    ],
    [
      "that something else is, too",
      `<34>1 - Hunter2 a - - [x@1 password="Hunter2"] ${json}`,
      { fields: { ...auth, appname: "a", "sd.x@1.password": "[REDACTED]" } },
    ],
    [
      "with escapes",
      `<34>1 - h a - - [x@1 password="Hun\\"ter2"] ${json}`,
      { host: "h", fields: { ...auth, appname: "a", "sd.x@1.password": "[REDACTED]" } },
    ],
    [
      "one of several",
      `<34>1 - h a - - [x@1 note="1" note="password=Hunter2"] ${json}`,
      { host: "h", fields: { ...auth, appname: "a", "sd.x@1.note": "[REDACTED]" } },
    ],
    [
      "in a prefix",
      `<34>su: password=Hunter2 ${json}`,
      { fields: { ...auth, appname: "su", prefix: "[REDACTED]" } },
    ],
    [
      "none",
      `<34>Oct 11 22:14:15 h su: ${json}`,
      { host: "h", fields: { ...auth, appname: "su" } },
    ],
  ])("syslog header - a secret %s is not passed on", (_, line, expected) => {
    expect(masked(line)).toEqual(expected);
  });

  it("syslog header - a credential of a known form is not passed on as a name", () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.${"a1B2".repeat(9)}`;
    const shown = JSON.stringify(
      masked(`<34>1 - ${token} a ${token} - [${token}@1 ${token}="1"] ${json}`),
    );
    expect(shown).not.toContain(token);
    expect(shown).toContain('"severity":"crit"');
  });
});

const parts = fc.constantFrom(
  "<34>",
  "<",
  ">",
  "1 ",
  "Oct 11 22:14:15 ",
  "2025-07-14T08:00:00Z ",
  "host ",
  "su[2]: ",
  "- ",
  "[a@1",
  ' b="',
  '"',
  "]",
  "\\",
  "{",
  "}",
  json,
  "@cee:",
  " ",
  ":",
  "password=",
  "x",
  "\0",
  "\u0007",
  "é",
  "\ufeff",
  "\u2028",
);

sampled(
  ({ runs }) =>
    `syslog header - of ${runs} hostile records, nothing but a header is taken off, and it is bounded and clean`,
  { sample: { runs: 500 }, all: { runs: 10_000 } },
  ({ runs }) => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (pieces) => {
        const line = pieces.join("");
        const found = taken(line);
        if (found === undefined) return;
        const { event, fields = {}, host = "" } = found;
        expect(line.endsWith(event)).toBe(true);
        if (event !== line) expect(typeof JSON.parse(event)).toBe("object");
        const { facility: _facility, severity: _severity, ...said } = fields;
        for (const text of [...Object.keys(said), ...Object.values(said).flat(), host].map(
          String,
        )) {
          expect(text).toMatch(/^[^\p{Cc}\u2028\ufffd]*$/u);
        }
        for (const text of [...Object.values(said).flat(), host].map(String)) {
          if (!line.includes("\\")) expect(line).toContain(text);
        }
      }),
      { numRuns: runs },
    );
  },
);

it("syslog header - is found in time that grows with its length alone", () => {
  const bytes = Buffer.from(
    `<34>1 - h a - - [x@1 ${'b="c\\\\" '.repeat(20_000)}${"a:".repeat(100_000)}`,
  );
  expect(takeSyslogHeader(bytes, 0, bytes.length)).toBeDefined();
});
