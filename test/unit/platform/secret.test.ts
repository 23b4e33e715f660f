/** Secrets: that they never print, and that one from a file follows the file. */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/platform/secret.ts";
import { messageOf } from "../../../src/platform/errors.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A secret in a file, and what replaces the file. */
function inFile(accepts?: (text: string) => boolean) {
  const file = join(temporaryDirectory(), "token");
  writeFileSync(file, "first-token");
  const secret = new Secret("first-token", accepts);
  const read = (): string => {
    const text = readFileSync(file, "utf8");
    if (text === "") throw new Error("it is empty");
    return text;
  };
  secret.follow({ files: [file], read });
  const replace = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  return { file, secret, replace };
}

test("secret - prints as *** wherever it ends up", () => {
  const secret = new Secret("a-secret");
  const shown = [
    String(secret),
    secret.toString(),
    JSON.stringify({ secret }),
    inspect({ secret }),
  ];
  expect(shown.join()).not.toContain("a-secret");
  expect(shown).toHaveLength(4);
  for (const each of shown) expect(each).toContain("***");
});

test("secret - hides itself in a text, in whatever case, what it was before included", async () => {
  const { secret, replace } = inFile();
  expect(secret.hideIn("a first-token b FIRST-TOKEN")).toBe("a *** b ***");
  replace("first-token-2");
  await secret.refresh();
  expect(secret.reveal()).toBe("first-token-2");
  expect(secret.hideIn("first-token-2 First-Token")).toBe("*** ***");
});

test("secret - a short one is hidden where it stands by itself, and leaves words and numbers alone", () => {
  expect(new Secret("a").hideIn('a warm day: "A"')).toBe('*** warm day: "***"');
  expect(new Secret("200").hideIn('Splunk 200, {"time":1720012004}')).toBe(
    'Splunk ***, {"time":1720012004}',
  );
});

test("secret - hides itself as it is written in JSON and in URLs, too", () => {
  const secret = new Secret('a "quoted"\\token');
  const text = JSON.stringify({ token: secret.reveal(), url: encodeURIComponent(secret.reveal()) });
  expect(secret.hideIn(text)).toBe('{"token":"***","url":"***"}');
});

test("secret - characters with a meaning in patterns stand for themselves", () => {
  const value = ".*+?^${}()|[]\\/-\"'x";
  expect(new Secret(value).hideIn(`<${value}> and what is not it`)).toBe(
    "<***> and what is not it",
  );
});

describe("a file", () => {
  test("secret - is read again when it is replaced or written", async () => {
    const { file, secret, replace } = inFile();
    expect(await secret.refresh()).toBeUndefined();
    expect([secret.reveal(), secret.generation]).toEqual(["first-token", 0]);
    replace("second-token");
    expect(await secret.refresh()).toBeUndefined();
    expect([secret.reveal(), secret.generation]).toEqual(["second-token", 1]);
    writeFileSync(file, "a third token");
    await secret.refresh();
    expect([secret.reveal(), secret.generation]).toEqual(["a third token", 2]);
  });

  test("secret - that a symbolic link points to is read again when the link does elsewhere", async () => {
    const directory = temporaryDirectory();
    for (const name of ["one", "two"]) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "token"), name);
    }
    symlinkSync("one", join(directory, "data"));
    const file = join(directory, "data", "token");
    const secret = new Secret("one");
    secret.follow({ files: [file], read: () => readFileSync(file, "utf8") });
    await secret.refresh();
    symlinkSync("two", join(directory, "data.new"));
    renameSync(join(directory, "data.new"), join(directory, "data"));
    await secret.refresh();
    expect(secret.reveal()).toBe("two");
  });

  test.each([
    ["is empty", (file: string) => writeFileSync(file, ""), "it is empty"],
    ["is gone", (file: string) => rmSync(file), "ENOENT"],
    ["cannot be accepted", (file: string) => writeFileSync(file, "two words"), "cannot be used"],
  ])("secret - that %s changes nothing, and is told once", async (_, spoil, told) => {
    const { file, secret, replace } = inFile((text) => !text.includes(" "));
    await secret.refresh();
    spoil(file);
    expect(await secret.refresh()).toContain(told);
    expect(await secret.refresh()).toBeUndefined();
    expect([secret.reveal(), secret.generation]).toEqual(["first-token", 0]);
    replace("second-token");
    expect(await secret.refresh()).toBeUndefined();
    expect(secret.reveal()).toBe("second-token");
  });

  test("secret - what is told of a file has nothing of it", async () => {
    const { secret, replace } = inFile(() => false);
    replace("other-secret");
    expect(messageOf(await secret.refresh())).not.toContain("other-secret");
  });

  test("secret - that is touched only is no other secret", async () => {
    const { secret, replace } = inFile();
    replace("first-token");
    await secret.refresh();
    expect(secret.generation).toBe(0);
  });
});

describe("waiting", () => {
  test("secret - a replacement is noticed within a second", async () => {
    const { secret, replace } = inFile();
    const clock = new ManualClock();
    const states = ["waiting"];
    const waiting = secret
      .replacedSince(secret.generation, clock, new AbortController().signal)
      .then(() => states.push("over"));
    await secret.refresh();
    expect(states).toEqual(["waiting"]);
    replace("second-token");
    while (!states.includes("over")) {
      clock.pass(1000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await waiting;
    expect(secret.reveal()).toBe("second-token");
  });

  test("secret - one that was replaced before is noticed at once", async () => {
    const { secret, replace } = inFile();
    replace("second-token");
    await secret.refresh();
    await secret.replacedSince(0, new ManualClock(), new AbortController().signal);
    expect(secret.generation).toBe(1);
  });

  test("secret - nobody waits beyond the stop, and without a file nothing but that ends it", async () => {
    const stop = new AbortController();
    const waiting = new Secret("literal").replacedSince(0, new ManualClock(), stop.signal);
    stop.abort();
    await waiting;
  });
});
