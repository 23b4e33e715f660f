/** What the page takes from the browser: time, and requests to the agent. */

export function nowMs(): number {
  return Date.now();
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The answer as JSON. Rejects where there is none, or another one. */
export async function ask<Value>(path: string, wait_ms: number): Promise<Value> {
  const answer = await fetch(path, { signal: AbortSignal.timeout(wait_ms) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as Value;
}

/** Whether the page is wanted in dark colours, and who wants to know when that changes. */
export function onSchemeChange(callback: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", callback);
  return () => query.removeEventListener("change", callback);
}
