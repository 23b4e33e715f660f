/** What is no answer of HTTP/1 fails, at once, and by name; beside node:http as the model: test/property/answers.test.ts. */
import { expect, test } from "vitest";
import { AnswerParser } from "../../../../src/output/network/answer-parser.ts";
import { ConnectionError } from "../../../../src/output/network/failure.ts";

function parse(text: string, body_bytes_max = 1000): AnswerParser {
  const parser = new AnswerParser(body_bytes_max);
  parser.push(Buffer.from(text, "latin1"));
  return parser;
}

const codeOf = (text: string): string => {
  try {
    parse(text);
    return "none";
  } catch (thrown) {
    return thrown instanceof ConnectionError ? thrown.code : String(thrown);
  }
};

test.each([
  ["another protocol", "220 smtp.example ESMTP\r\n", "HPE_INVALID_CONSTANT"],
  ["TLS", "\x15\x03\x01\x00\x02\x02\x46", "HPE_INVALID_CONSTANT"],
  ["a page of blank lines", "\r\n\r\n\r\n", "HPE_INVALID_CONSTANT"],
  ["HTTP/2", "HTTP/2 200\r\n\r\n", "HPE_INVALID_CONSTANT"],
  ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "HPE_INVALID_STATUS"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "HPE_INVALID_STATUS"],
  ["a status below all", "HTTP/1.1 099 OK\r\n\r\n", "HPE_INVALID_STATUS"],
  ["no end of interim answers", "HTTP/1.1 103 Hints\r\n\r\n".repeat(40), "HPE_INTERIM_OVERFLOW"],
  ["a line end without CR, before all has come", "HTTP/1.1 200 OK\n", "HPE_CR_EXPECTED"],
  ["a CR in a line", "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n", "HPE_CR_EXPECTED"],
  ["a folded line", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"],
  ["a blank before a colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"],
  ["a line without colon", "HTTP/1.1 200 OK\r\nAb\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"],
  ["a NUL in a value", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"],
  ["a long head", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(17_000)}`, "HPE_HEADER_OVERFLOW"],
  [
    "two lengths",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "HPE_INVALID_CONTENT_LENGTH",
  ],
  [
    "a length with a sign",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
    "HPE_INVALID_CONTENT_LENGTH",
  ],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HPE_INVALID_TRANSFER_ENCODING",
  ],
  [
    "a length and an encoding that is not said",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding:\r\n\r\n",
    "HPE_INVALID_TRANSFER_ENCODING",
  ],
  ["another protocol to switch to", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "ECONNRESET"],
])("answer parser - %s is refused", (_, text, code) => {
  expect(codeOf(text)).toBe(code);
});

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test.each([
  ["no number", "x\r\n", "HPE_INVALID_CHUNK_SIZE"],
  ["a sign", "-1\r\n", "HPE_INVALID_CHUNK_SIZE"],
  ["a size beyond all numbers", "fffffffffffffffff\r\n", "HPE_INVALID_CHUNK_SIZE"],
  ["a line end without CR", "1\nx", "HPE_INVALID_CHUNK_SIZE"],
  ["more data than its size", "1\r\nxy\r\n", "HPE_STRICT"],
  ["a long line", `1;${"a".repeat(5000)}`, "HPE_CHUNK_EXTENSIONS_OVERFLOW"],
  ["no header in its trailer", "0\r\nHTTP/1.1 200 OK\r\n", "HPE_INVALID_HEADER_TOKEN"],
  ["a long trailer", `0\r\n${"A: b\r\n".repeat(4000)}`, "HPE_HEADER_OVERFLOW"],
])("answer parser - a body in chunks with %s is refused", (_, text, code) => {
  expect(codeOf(chunked + text)).toBe(code);
});

test("answer parser - an interim answer is passed over, and headers that come twice are kept in order", () => {
  const cookies = "Set-Cookie: a=1\r\nset-cookie:\t b=2 \r\n";
  const { status, headers, body, is_complete, keeps_alive } = parse(
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\n${cookies}Content-Length: 2\r\n\r\nno`,
  );
  expect({ status, body: body.toString(), is_complete, keeps_alive }).toEqual({
    status: 503,
    body: "no",
    is_complete: true,
    keeps_alive: true,
  });
  expect(headers.get("set-cookie")).toEqual(["a=1", "b=2"]);
});

test.each([
  ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true],
  ["HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 0\r\n\r\n", false],
  ["HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false],
  ["HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true],
  ["HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 0\r\n\r\n", false],
  ["HTTP/1.1 200 OK\r\n\r\n", false],
])("answer parser - whether %j lets another request follow: %s", (text, keeps) => {
  expect(parse(text).keeps_alive).toBe(keeps);
});

test("answer parser - a body that is too long is cut, and what follows an answer is said to be there", () => {
  expect(parse("HTTP/1.1 200 OK\r\n\r\n12345678", 7).is_cut).toBe(true);
  expect(parse("HTTP/1.1 200 OK\r\n\r\n1234567", 7).is_cut).toBe(false);
  const one = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";
  expect([parse(one).has_rest, parse(`${one}H`).has_rest]).toEqual([false, true]);
});

test("answer parser - a body that ends with the connection is complete only then", () => {
  const parser = parse("HTTP/1.1 200 OK\r\n\r\n1");
  expect(parser.is_complete).toBe(false);
  parser.close();
  expect(parser.is_complete).toBe(true);
});

test("answer parser - blank lines before an answer, and zeros before its sizes, change nothing", () => {
  const between = "\r\nHTTP/1.1 100 Continue\r\n\r\n\r\n";
  const sized = "HTTP/1.1 999 Denied\r\nContent-Length: 00000000000000000002\r\n\r\nno";
  expect(parse(between + sized)).toMatchObject({ status: 999, is_complete: true });
  const { body, is_complete } = parse(`${chunked}0000000000000002\r\nok\r\n0000\r\n\r\n`);
  expect([body.toString(), is_complete]).toEqual(["ok", true]);
});

test("answer parser - runs of blanks within values are read in linear time", () => {
  const blanks = " \t".repeat(7500);
  const said = `a${blanks}b ,\tclose`;
  // In quadratic time this would not end before the test's patience does.
  for (let turn = 0; turn < 1000; turn += 1) {
    const { headers } = parse(`HTTP/1.1 200 OK\r\nConnection: ${said} \r\n\r\n`);
    expect(headers.get("connection")).toEqual([said]);
  }
});

test("answer parser - pieces of a body do not hold what was read with them", () => {
  const parser = parse(chunked);
  const read = Buffer.from(`1;${"x".repeat(4000)}\r\ny\r\n`);
  parser.push(read);
  read.fill(0);
  expect(parser.body.toString()).toBe("y");
});
