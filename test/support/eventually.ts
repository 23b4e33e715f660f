/** Waiting for a condition, where nothing tells when it holds. */

/** Resolves when the condition holds. A test's own time limit ends it otherwise. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}
