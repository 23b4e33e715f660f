/** Goal: detectors find what they are named for, where it stands, and nothing else. Method: texts in, offsets out. */
import { describe, expect, test } from "vitest";
import { Detectors } from "../../../src/detectors/detectors.ts";

const credentials = await Detectors.create(["credentials"]);

/** What is found, as text. */
function found(detectors: Detectors, text: string): string[] {
  const bytes = Buffer.from(`<<${text}>>`);
  return detectors
    .find(bytes, 2, bytes.length - 2)
    .map(({ start, end, detector }) => `${detector}: ${bytes.toString("utf8", start, end)}`);
}

function mayFind(detectors: Detectors, text: string): boolean {
  const bytes = Buffer.from(`<<${text}>>`);
  return detectors.mayFind(bytes, 2, bytes.length - 2);
}

describe("detectors", () => {
  test("detectors - find a secret with its place in bytes, in whatever stands around it", () => {
    expect(found(credentials, "ü bearer S3CR3TPW, x")).toEqual(["bearer: S3CR3TPW"]);
    expect(found(credentials, "amqp://u:p@h and redis://:pass@h")).toEqual([
      "url-password: p",
      "url-password: pass",
    ]);
  });

  test("detectors - mayFind leaves out what is in the ranges of except, and looks between and behind them", () => {
    const bytes = Buffer.from('{"a":"token=S3CR3TPW","b":"x","c":"password=S3CR3TPW"}');
    const rangeOf = (text: string): { start: number; end: number } => {
      const start = bytes.indexOf(text);
      return { start, end: start + text.length };
    };
    const [first, second] = [rangeOf("token=S3CR3TPW"), rangeOf("password=S3CR3TPW")];
    const finds = (...except: { start: number; end: number }[]): boolean =>
      credentials.mayFind(bytes, 0, bytes.length, except);
    expect([finds(), finds(first), finds(second), finds(first, second)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("detectors - mayFindIn says of each string what mayFind does", () => {
    const texts = [
      "token=S3CR3TPW",
      "x",
      "tok",
      "en=S3CR3TPW",
      "\\u0042earer S3CR3TPW",
      "://u:p@h",
      "",
    ];
    const bytes = Buffer.from(`["${texts.join('","')}"]`);
    const mayFindThere = credentials.mayFindIn(bytes, 0, bytes.length);
    let start = 2;
    for (const text of texts) {
      const end = start + text.length;
      expect(mayFindThere(start, end), text).toBe(credentials.mayFind(bytes, start, end));
      start = end + 3;
    }
  });

  test("detectors - mayFind is false where there is no anchor, and true for an anchor spelled with escapes", () => {
    expect(mayFind(credentials, '{"a":"https://host/path","b":"bearing"}')).toBe(false);
    expect(mayFind(credentials, '{"a":"https://u:p@host/path"}')).toBe(true);
    expect(mayFind(credentials, '{"a":"https:\\/\\/u:p@host"}')).toBe(true);
    expect(mayFind(credentials, '{"a":"\\u0042earer S3CR3TPW"}')).toBe(true);
    expect(mayFind(credentials, '{"a":"x\\u0026y \\u003cb\\u003e \\u001b"}')).toBe(false);
  });

  test("detectors - a name that nobody has is refused, with the one that is meant", async () => {
    await expect(Detectors.create(["credentials", "bearr"])).rejects.toMatchObject({
      name: "DetectorError",
      option: "detect",
      index: 1,
      message: 'there is no detector or group "bearr"; did you mean "bearer"?',
    });
  });

  test.each([
    ['a0="sshpass" a1="-p" a2="s3cr3t-example" a3="ssh"', "command-line: s3cr3t-example"],
    ['argc=3 a0="curl" a1="--user=ann:s3cr3t-example" a2="x"', "command-line: s3cr3t-example"],
    ['a40="x" a41="--password" a42="s3cr3t-example"', "command-line: s3cr3t-example"],
    ["/api/login?user=x&access_token=S3CR3TPW", "password: S3CR3TPW"],
    ["card declined for Bearer S3CR3TPW", "bearer: S3CR3TPW"],
    ["GET /a?x=1%26access_token%3DS3CR3TPW%26y%3D2", "password: S3CR3TPW"],
    ['payload={"user":"x","token":"S3CR3T\\"PW","b":1}', 'password: S3CR3T\\"PW'],
    ["BEARER S3CR3TPW", "bearer: S3CR3TPW"],
    ["CREATE USER a IDENTIFIED BY 'it''s S3CR3T' x", "sql-password: it''s S3CR3T"],
  ])("detectors - in %j finds %j", (text, expected) => {
    expect(found(credentials, text)).toEqual([expected]);
  });

  test("detectors - of headers partial keeps what identifies", () => {
    const partial = (text: string): string => {
      const bytes = Buffer.from(text);
      const parts = credentials
        .find(bytes, 0, bytes.length)
        .flatMap((each) => each.secret ?? [each]);
      return parts.map(({ start, end }) => bytes.toString("utf8", start, end)).join("|");
    };
    const signed = `Credential=AKIAEXAMPLE/x, SignedHeaders=host, Signature=${"0".repeat(64)}`;
    expect(partial(`Authorization: AWS4-HMAC-SHA256 ${signed}`)).toBe("0".repeat(64));
    expect(partial("Authorization: Custom abc")).toBe("abc");
    expect(partial("Cookie: a=b; c=d")).toBe("b|d");
    expect(partial("Cookie: marketing=x1; nova=y2; 21-a=z3")).toBe("x1|y2|z3");
    expect(partial("Set-Cookie: a=b; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT")).toBe("b");
  });

  test.each([
    ["login  password  =  S3cret-x ok", "S3cret-x"],
    ["login password\t=\tS3cret-x\tok", "S3cret-x"],
    ["password \t : S3cret-x", "S3cret-x"],
    ["machine h\tlogin ann\tpassword\tS3cret-x\n", "S3cret-x"],
    ["smtp_pass=S3cret-x smtp_port=25", "S3cret-x"],
    ["user=a pass=S3cret-x", "S3cret-x"],
    ['{"pass":"S3cret-x"}', "S3cret-x"],
  ])("passwords - are found in %s", async (text, secret) => {
    const all = await Detectors.create(["credentials"]);
    expect(found(all, text)).toEqual([`password: ${secret}`]);
  });

  test.each([
    "pass: all",
    "Pass: 2/3",
    "user\tpassword\tshell",
    "password\t: incorrect",
    "pass=true",
    "proxy_pass=http://a",
    "bypass=1x2",
  ])("passwords - %s has none", async (text) => {
    const all = await Detectors.create(["credentials"]);
    expect(found(all, text)).toEqual([]);
  });

  test("patterns - are found by RE2, and searched for only where their literal stands", async () => {
    const patterns = [{ name: "ticket", match: "TKT-[0-9]{8}" }];
    const own = await Detectors.create([], patterns);
    expect(own.warnings).toEqual([]);
    expect(found(own, "see TKT-12345678 and TKT-1")).toEqual(["ticket: TKT-12345678"]);
    expect(mayFind(own, '{"a":"TKT-1"}')).toBe(true);
    expect(mayFind(own, '{"a":"TKS-1"}')).toBe(false);
  });

  test("patterns - one without a literal is said to cost, one that is wrong is refused", async () => {
    const own = await Detectors.create([], [{ name: "pin", match: "[0-9]{4}" }]);
    expect(own.warnings).toEqual([
      "the pattern pin has no text that stands in all that it matches, so that every value is searched for it",
    ]);
    expect(mayFind(own, "{}")).toBe(true);
    const sliced = await Detectors.create([], [{ name: "pin", match: "/PIN-[0-9]{4}/" }]);
    expect(sliced.warnings).toEqual([expect.stringContaining("pin has slashes around it")]);
    const wrong = Detectors.create([], [{ name: "pin", match: "[0-9" }]);
    await expect(wrong).rejects.toMatchObject({ name: "DetectorError", option: "patterns" });
    const empty = Detectors.create([], [{ name: "pin", match: "x*" }]);
    await expect(empty).rejects.toMatchObject({ option: "patterns", index: 0 });
  });
});
