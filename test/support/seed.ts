/**
 * Where tests that try random cases begin: the same place in each run, so that a change alone decides whether its tests
 * pass. TALLYMAN_TEST_SEED is another place, a number or "random"; test/settings.ts reads it.
 */
import fc from "fast-check";

/** The seed of this run, which a test names in its title. */
export const seed = Number(process.env["TALLYMAN_TEST_SEED"]);

// This file is a setup file, too, so that every property begins here. A property that fails prints its seed.
fc.configureGlobal({ seed });
