/** The time that is in everything that is built: the commit's, so that it can be built again. */
import { execFileSync } from "node:child_process";

export function sourceDate(): Date {
  const given = process.env["SOURCE_DATE_EPOCH"];
  const seconds = given ?? execFileSync("git", ["log", "-1", "--format=%ct"], { encoding: "utf8" });
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) throw new Error("SOURCE_DATE_EPOCH is no number of seconds");
  return date;
}
