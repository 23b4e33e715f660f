/** What is on the disk below a directory, while a daemon is at work in it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The contents of all files, but of those that go or get another name under way. */
export function filesBelow(directory: string): Buffer[] {
  const entries = unlessGone(() =>
    readdirSync(directory, { recursive: true, withFileTypes: true }),
  );
  return (entries ?? [])
    .filter((entry) => entry.isFile())
    .flatMap(
      ({ parentPath, name }) => unlessGone(() => [readFileSync(join(parentPath, name))]) ?? [],
    );
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
