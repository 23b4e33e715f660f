/** Waiting for a condition, where nothing tells when it holds. */

/** Between two looks at a condition: at first little, and more where it takes long, since a look may cost a request. */
const wait_ms_min = 2;
const wait_ms_max = 20;
const growth = 1.1;

/** Resolves when the condition holds. A test's own time limit ends it otherwise. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let wait_ms = wait_ms_min; !(await condition()); wait_ms *= growth) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(wait_ms, wait_ms_max)));
  }
}
