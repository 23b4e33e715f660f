/** Checks of what documents show of Prometheus' configuration and of its alerts, by promtool. */
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { isInstalled } from "../commands.ts";
import { temporaryDirectory } from "../temporary.ts";
import { placeOf, repository, type CodeBlock } from "./blocks.ts";

/** What promtool has to check in it; undefined where it is nothing of Prometheus'. */
export function prometheusKind(value: unknown): "config" | "rules" | undefined {
  if (Array.isArray(value))
    return value.some((item) => hasKey(item, "alert")) ? "rules" : undefined;
  return hasKey(value, "scrape_configs") ? "config" : undefined;
}

export function checkPrometheus(block: CodeBlock, kind: "config" | "rules"): void {
  if (!isInstalled("promtool")) return;
  const directory = temporaryDirectory();
  // It looks for the files of rules that the configuration names.
  cpSync(join(repository, "docs/operations"), directory, { recursive: true });
  const file = join(directory, "checked.yml");
  const rules = block.text.replaceAll(/^/gm, "      ");
  const whole =
    kind === "rules" ? `groups:\n  - name: checked\n    rules:\n${rules}\n` : block.text;
  writeFileSync(file, whole);
  const { status, stdout, stderr } = spawnSync("promtool", ["check", kind, file], {
    encoding: "utf8",
  });
  expect({ status, said: status === 0 ? "" : stdout + stderr }, placeOf(block)).toEqual({
    status: 0,
    said: "",
  });
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && key in value;
}
