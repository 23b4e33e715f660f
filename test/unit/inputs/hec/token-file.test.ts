/** A receiver's token whose file is replaced: the new one is asked for without a restart, the former one refused. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Secret } from "../../../../src/platform/secret.ts";
import { Authorizer } from "../../../../src/inputs/hec/http/authorization.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function fromFile(path: string): Secret {
  const read = (): string => readFileSync(path, "utf8").trim();
  const secret = new Secret(read(), (text) => text !== "");
  secret.follow({ files: [path], read });
  return secret;
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test("authorization - a token whose file is replaced is the new one, and the former one is refused", async () => {
  const path = join(temporaryDirectory(), "token");
  writeFileSync(path, "first");
  const authorizer = new Authorizer([fromFile(path), new Secret("other")]);
  expect(await authorizer.refresh()).toEqual([]);
  expect(authorizer.authorize("Splunk first")).toBe("granted");
  replace(path, "second");
  expect(await authorizer.refresh()).toEqual([]);
  expect(authorizer.authorize("Splunk second")).toBe("granted");
  expect(authorizer.authorize("Splunk first")).toMatchObject({ status: 403 });
  expect(authorizer.authorize("Splunk other")).toBe("granted");
});

test("authorization - a file that cannot be used leaves the former token, and says so once", async () => {
  const path = join(temporaryDirectory(), "token");
  writeFileSync(path, "first");
  const authorizer = new Authorizer([fromFile(path)]);
  await authorizer.refresh();
  replace(path, "");
  expect(await authorizer.refresh()).toHaveLength(1);
  expect(await authorizer.refresh()).toEqual([]);
  expect(authorizer.authorize("Splunk first")).toBe("granted");
});
