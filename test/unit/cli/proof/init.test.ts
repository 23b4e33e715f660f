/** `tallyman proof init`: what it writes and prints, and what it leaves alone. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { proofInit } from "../../../../src/cli/proof/init.ts";
import { StateLock } from "../../../../src/ledger/state-lock.ts";
import { isFingerprint } from "../../../../src/proof/format/certificates.ts";
import { ProofKeys } from "../../../../src/proof/keys/proof-keys.ts";
import { tallyman } from "../../../support/command-line.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

interface Site {
  readonly directory: string;
  readonly state_dir: string;
  readonly init: (...words: string[]) => ReturnType<typeof tallyman>;
}

function site(): Site {
  const directory = temporaryDirectory();
  const config = join(directory, "config.yaml");
  const state_dir = join(directory, "state");
  writeFileSync(config, `state_dir: ${state_dir}\ninputs: {}\n`);
  const init = (...words: string[]) =>
    tallyman(["proof", "init", "-c", config, ...words], { TALLYMAN_HOST: "host-a" });
  return { directory, state_dir, init };
}

test("proof init - prints the fingerprint of the keys that it has written", async () => {
  const { state_dir, init } = site();
  const { status, out } = await init();
  expect(status).toBe(0);
  const [fingerprint = ""] = out.split("\n");
  expect(isFingerprint(fingerprint)).toBe(true);
  const keys = await ProofKeys.load(state_dir);
  expect(keys.fingerprint).toBe(fingerprint);
  expect(keys.agent).toBe("host-a");
  expect(out).toContain("was not kept");
  expect(statSync(state_dir).mode & 0o777).toBe(0o700);
});

test("proof init - replaces no keys unless it is asked to, and not under a running agent", async () => {
  const { state_dir, init } = site();
  const first = JSON.parse((await init("--json")).out) as { fingerprint: string };
  const again = await init();
  expect(again.status).toBe(1);
  expect(again.err).toContain("there are keys already");
  expect(again.err).toContain("--force");
  const lock = await StateLock.acquire(state_dir);
  const running = await init("--force");
  await lock.release();
  expect(running.status).toBe(1);
  expect(running.err).toContain("stop it first");
  expect((await ProofKeys.load(state_dir)).fingerprint).toBe(first.fingerprint);
  const forced = JSON.parse((await init("--force", "--json")).out) as { fingerprint: string };
  expect(forced.fingerprint).not.toBe(first.fingerprint);
});

test("proof init - a root that was kept certifies again, under the same fingerprint", async () => {
  const { directory, state_dir, init } = site();
  const root = join(directory, "root.json");
  const made = await init("--keep-root", root);
  expect(made.status).toBe(0);
  expect(statSync(root).mode & 0o777).toBe(0o600);
  const before = await ProofKeys.load(state_dir);
  const renewed = await init("--renew", root);
  expect(renewed.out.split("\n")[0]).toBe(before.fingerprint);
  const after = await ProofKeys.load(state_dir);
  expect(after.current.key).not.toBe(before.current.key);
  expect((await init("--force", "--keep-root", root)).err).toContain("is there already");
  expect((await init("--renew", root, "--keep-root", "x")).status).toBe(2);
});

test("proof init - says why it cannot write, and leaves nothing", async () => {
  const { directory, state_dir, init } = site();
  writeFileSync(state_dir, "a file");
  const { status, err } = await init("--keep-root", join(directory, "root.json"));
  expect(status).toBe(1);
  expect(err).toMatch(/^tallyman: /);
  expect(existsSync(join(directory, "root.json"))).toBe(false);
  expect(readFileSync(state_dir, "utf8")).toBe("a file");
  const config = join(directory, "config.yaml");
  await expect(proofInit({ config })).rejects.toMatchObject({ code: "proof_refused" });
});
