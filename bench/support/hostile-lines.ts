/** Lines of an attack on the time that redaction takes, and the rules that they are made for. */
export const megabyte = 1_000_000;

export const pack = [
  "s3_audit",
  "cloudtrail",
  "kubernetes",
  "vault",
  "auditd",
  "http_headers",
  "web_access",
];
export const within = ["json", "url", "base64"];
export const patterns = Array.from({ length: 100 }, (_, number) => {
  return { name: `p${number}`, match: `TKT${number}-[0-9]{8}` };
});

const inString = (piece: string) => (length: number) =>
  JSON.stringify({ a: piece.repeat(length / piece.length) });
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Lines of about so many bytes. */
export const hostile: Record<string, (length: number) => string> = {
  "%25": inString("%25"),
  "a=%41&": inString("a=%41&"),
  "p=token%3DS3CR3TPW1&": inString("p=token%3DS3CR3TPW1&"),
  "text in base64": inString(`${base64("hello world, this is text")} `),
  "JSON in base64": inString(`${base64('{"password":"S3CR3TPW1"}')} `),
  '"\\"': inString('"\\"'),
  AKIA: inString("AKIA"),
  "eyJ.eyJ.": inString("eyJ.eyJ."),
  Bearer: inString("Bearer "),
  "-----BEGIN PRIVATE KEY": inString("-----BEGIN PRIVATE KEY"),
  "://:@": inString("://:@"),
  "password=x1": inString("password=x1 "),
  "TKT1-1": inString("TKT1-1 "),
  "each literal of a pattern once": (length) => {
    const literals = patterns.map((_, number) => `TKT${number}-`).join(" ");
    return JSON.stringify({ a: literals + " 0123456789".repeat(length / 11) });
  },
  "strings [x": (length) => JSON.stringify(Array.from({ length: length / 5 }, () => "[x")),
  "keys that all differ": (length) =>
    JSON.stringify(
      Object.fromEntries(Array.from({ length: length / 14 }, (_, at) => [`token${at}`, 1])),
    ),
  "objects with a password": (length) =>
    JSON.stringify(Array.from({ length: length / 16 }, () => ({ password: "a" }))),
  "JSON in strings in each other": (length) => {
    let text = '{"password":"S3CR3TPW1"}';
    while (text.length < length) text = JSON.stringify({ a: text });
    return text;
  },
};
