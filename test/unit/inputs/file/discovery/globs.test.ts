/** Globs by table. */
import { describe, expect, it } from "vitest";
import {
  globMatches,
  parseExclusions,
  parseGlob,
} from "../../../../../src/inputs/file/discovery/globs.ts";

function matches(pattern: string, path: string): boolean {
  return parseGlob(pattern).some((glob) => globMatches(glob, path));
}

describe("globs", () => {
  it.each([
    ["/var/log/audit.log", "/var/log/audit.log", true],
    ["/var/log/audit*.log", "/var/log/audit-1.log", true],
    ["/var/log/audit*.log", "/var/log/audit/1.log", false],
    ["/var/log/*.log", "/var/log/.hidden.log", false],
    ["/var/log/.*.log", "/var/log/.hidden.log", true],
    ["/var/**/audit.log", "/var/audit.log", true],
    ["/var/**/audit.log", "/var/a/b/c/audit.log", true],
    ["/var/**/audit.log", "/var/.git/audit.log", false],
    ["/var/log/**", "/var/log/a/b.log", true],
    ["/var/log/**/*", "/var/log/a/b.log", true],
    ["/var/{log,tmp}/x?.log", "/var/tmp/xy.log", true],
    ["/var/{log/a,tmp}/x.log", "/var/log/a/x.log", true],
    ["/var/{log/a,tmp}/x.log", "/var/tmp/x.log", true],
    ["/var/log/[ab].log", "/var/log/b.log", true],
    ["/var/log/\\*.log", "/var/log/*.log", true],
    ["/var/log/\\*.log", "/var/log/a.log", false],
    ["/*/audit.log", "/var/audit.log", true],
    ["/var//log/./a.log", "/var/log/a.log", true],
    ["/var/log/audit (1).log", "/var/log/audit (1).log", true],
    ["/var/log/a+b@c!.log", "/var/log/a+b@c!.log", true],
  ])("globs - %s and %s: %s", (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it("globs - begin at the deepest directory without a wildcard", () => {
    expect(parseGlob("/var/log/w*/a.log")[0]!.base).toBe("/var/log");
    expect(parseGlob("/var/log/a.log")[0]!.base).toBe("/var/log");
    expect(parseGlob("/*")[0]!.base).toBe("/");
  });

  it.each(["/", "/var/../etc/passwd"])("globs - refuse %s", (pattern) => {
    expect(() => parseGlob(pattern)).toThrow();
  });

  it("globs - refuse alternatives that multiply without bound", () => {
    expect(() => parseGlob(`/${"{a/b,c/d}".repeat(30)}`)).toThrow("too many alternatives");
  });

  it("globs - an exclusion without a slash is compared with the name", () => {
    const excluded = parseExclusions(["*.gz", "/var/log/private/**"]);
    expect(excluded("/var/log/a.log.gz")).toBe(true);
    expect(excluded("/var/log/private/a/b.log")).toBe(true);
    expect(excluded("/var/log/a.log")).toBe(false);
  });
});
