/** Addresses in networks and values in lists of files, as conditions ask for them, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ExpressionError } from "../../../../src/chain/conditions/cel-literal.ts";
import { compiledCondition } from "../../../support/events/conditions.ts";

const folder = mkdtempSync(join(tmpdir(), "tallyman-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, "users.txt"),
  "# blocked\r\nann\r\n  bob  # left\r\n1001\r\n\r\nx#y\r\n",
);
writeFileSync(join(folder, "networks.txt"), "10.0.0.0/8\nfd00::/8 # inside\n");
writeFileSync(join(folder, "wrong.txt"), "# mine\n10.0.0.0/8\n10.0.0.1/24\n");
writeFileSync(join(folder, "empty.txt"), "# nobody yet\n");

const record = JSON.stringify({
  user: "bob",
  id: 1001,
  ip: "10.1.2.3",
  mapped: "::ffff:10.1.2.3",
  hosts: [{ ip: "fd00::1", user: "eve" }, { ip: "2001:db8::1" }],
  text: "not 10.1.2.3",
  flag: true,
  nothing: null,
});

function holds(expression: string): boolean {
  return compiledCondition(expression, { folder }).holds(record);
}

describe("addresses", () => {
  test.each([
    ['ip_in(ip, "10.0.0.0/8")', true],
    ['ip_in(ip, "10.1.2.3")', true],
    ['ip_in(ip, ["192.168.0.0/16", "10.0.0.0/8"])', true],
    ['ip_in(ip, ["192.168.0.0/16", "fd00::/8"])', false],
    ['ip_in(mapped, "10.0.0.0/8")', true],
    ['!ip_in(mapped, "10.0.0.0/8")', false],
    ['hosts.exists(h, ip_in(h.ip, "fd00::/8"))', true],
    ['hosts.all(h, ip_in(h.ip, "fd00::/8"))', false],
    ['ip_in(hosts[0].ip, file("networks.txt"))', true],
    ['ip_in(hosts[1].ip, file("networks.txt"))', false],
    // What is no address is in no network.
    ['ip_in(text, "0.0.0.0/0")', false],
    ['ip_in(id, "0.0.0.0/0") || ip_in(flag, "::/0") || ip_in(nothing, "::/0")', false],
    ['ip_in(hosts, "::/0")', false],
    ['!ip_in(text, "0.0.0.0/0")', true],
    // What is missing makes a condition false.
    ['ip_in(none, "10.0.0.0/8")', false],
    ['!ip_in(none, "10.0.0.0/8")', false],
  ])("conditions - %s is %s", (expression, expected) => {
    expect(holds(expression)).toBe(expected);
    expect(holds(`(${expression}) ? true : false`)).toBe(expected);
  });

  test.each([
    ['ip_in(ip, "10.0.0.1/8")', 10, "write 10.0.0.0/8"],
    ['ip_in(ip, ["10.0.0.0/8", "10.0.0.0/33"])', 25, "a number from 0 to 32"],
    ['ip_in(ip, "example.com")', 10, "is no network"],
    ['ip_in(ip, "10.0.0.0/255.0.0.0")', 10, "a number from 0 to 32"],
    ["ip_in(ip, [])", undefined, "ip_in() needs"],
    ["ip_in(ip, text)", 10, "ip_in() needs"],
    ["ip_in(ip)", 0, "ip_in() needs"],
    ['ip_in("10.0.0.0/8", ip)', 20, "ip_in() needs"],
    ['ip_in(ip, file("wrong.txt"))', 15, "wrong.txt is wrong in line 3; "],
  ])("conditions - %s is refused", (expression, position, message) => {
    const refusal = refusalOf(expression);
    expect(refusal.message).toContain(message);
    if (position !== undefined) expect(refusal.position).toBe(position);
  });
});

describe("lists in files", () => {
  test.each([
    ['user in file("users.txt")', true],
    ['!(user in file("users.txt"))', false],
    ['id in file("users.txt")', true],
    ['text in file("users.txt") || flag in file("users.txt")', false],
    ['hosts in file("users.txt")', false],
    ['hosts.exists(h, h.user in file("users.txt"))', false],
    ['"x#y" in file("users.txt") && "ann" in file("users.txt")', true],
    ['"# blocked" in file("users.txt") || "" in file("users.txt")', false],
    ['none in file("users.txt")', false],
    ['!(none in file("users.txt"))', false],
    ['user in file("empty.txt")', false],
  ])("conditions - %s is %s", (expression, expected) => {
    expect(holds(expression)).toBe(expected);
    expect(holds(`(${expression}) ? true : false`)).toBe(expected);
  });

  test.each([
    ['user in file("none.txt")', 13, "none.txt does not exist"],
    ['user in file(".")', 13, "is not a regular file"],
    ["user in file(user)", 8, "with a path in quotes"],
    ['user in file("")', 8, "with a path in quotes"],
    ['file("users.txt") == user', 0, "stands behind `in`"],
    ['size(file("users.txt")) > 1', 5, "stands behind `in`"],
  ])("conditions - %s is refused", (expression, position, message) => {
    const refusal = refusalOf(expression);
    expect(refusal.message).toContain(message);
    expect(refusal.position).toBe(position);
  });

  test("conditions - a list without values is taken, with a note", () => {
    const { notes } = compiledCondition('user in file("empty.txt")', { folder });
    expect(notes).toEqual([expect.stringMatching(/^13: the file .*empty\.txt holds no values$/)]);
  });
});

function refusalOf(expression: string): ExpressionError {
  try {
    holds(expression);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ExpressionError);
    return thrown as ExpressionError;
  }
  throw new Error(`${expression} is not refused`);
}
