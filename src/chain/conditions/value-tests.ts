/**
 * Tests of values that are not CEL's: whether a value is in a list of a file, or an address in networks. The networks are
 * compiled once.
 */
import { messageOf } from "../../platform/errors.ts";
import { holdsAddress, type ListKind } from "../lists/list-content.ts";
import { Networks } from "../lists/networks.ts";
import { ExpressionError } from "./cel-literal.ts";
import type { ConditionContext } from "./condition-context.ts";
import type { PlacedText, TestSource } from "./own-functions.ts";

type TestContext = Pick<ConditionContext, "lists" | "note">;

/** Throws ExpressionError for a file that cannot be used, and for what is no network. */
export function testOf(source: TestSource, context: TestContext): (value: unknown) => boolean {
  if (source.file !== undefined) return fileTest(source.file, source.kind, context);
  const networks = new Networks();
  for (const { text, position } of source.texts) {
    const mistake = networks.add(text);
    if (mistake !== undefined) throw new ExpressionError(mistake, position);
  }
  return holdsAddress(networks);
}

function fileTest(
  { text, position }: PlacedText,
  kind: ListKind,
  { lists, note }: TestContext,
): (value: unknown) => boolean {
  try {
    const list = lists.open(text, kind);
    for (const message of list.doubts) note({ message, position });
    return (value) => list.content.holds(value);
  } catch (thrown) {
    throw new ExpressionError(messageOf(thrown), position);
  }
}
