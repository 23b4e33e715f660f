/** What `tallyman plugin new` writes. */

/** The plugin in TypeScript. */
export function typescript(name: string): string {
  return `/**
 * ${name}: what it does, in one sentence.
 *
 * tallyman runs this file as it is. An editor finds the types as docs/plugins.md says under "Types, and z".
 */
import { type Plugin, z } from "tallyman/plugin";

/** What may be set in the chain. A mistake there is reported with its line and column. */
const options = z.strictObject({
  value: z.string().min(1).default("yes"),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "${name}",
  description: "Marks events, and filters health checks out.",
  options,
  ${body({ path: "path" })}
};

export default plugin;
`;
}

/** The same in JavaScript. */
export function javascript(name: string): string {
  return `/**
 * ${name}: what it does, in one sentence.
 *
 * tallyman runs this file as it is. docs/plugins.md describes what a plugin can do.
 */
export default {
  name: "${name}",
  description: "Marks events, and filters health checks out.",
  ${body({ path: "path", defaults: ' = "yes"' })}
};
`;
}

function body({ path, defaults = "" }: { path: string; defaults?: string }): string {
  return `/** Called once for each step, at the start and at each reload. */
  create({ value${defaults} }, context) {
    // Compiled once, and found in the one scan that every event gets.
    const kind = context.${path}("kind");
    const marked = context.${path}("marked");
    /** Called with every event. It has to return something, and never waits. */
    return (event) => {
      // An event that is not JSON has no fields. To read one would fail, and quarantine the event.
      if (event.invalid !== undefined) return event;
      // null filters the event out; event.drop("reason") and event.quarantine("reason") end it, too.
      if (event.get(kind) === "health") return null;
      // An edit; all other bytes of the event stay as they are.
      event.set(marked, value);
      return event;
    };
  },`;
}

/** The tests of either. */
export function tests(name: string): string {
  return `# Tests of the plugin ${name}. Run them: tallyman plugin test DIRECTORY
tests:
  - name: marks an event
    options: { value: "no" }
    event: { kind: login, user: alice }
    expect: { event: { kind: login, user: alice, marked: "no" } }

  - name: leaves all other bytes as they are
    event: '{ "id": 12345678901234567890 }'
    expect: { event: '{ "id": 12345678901234567890,"marked":"yes" }' }

  - name: filters health checks out
    event: { kind: health }
    expect: { fate: filtered }

  - name: passes on what is not JSON
    event: not JSON
    expect: { event: not JSON }
`;
}
