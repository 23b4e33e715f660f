/**
 * How the bundle gets modules of Node's own: by a call, not by an import.
 *
 * An import makes Node read all that such a module exports, and some of that is loaded when it is read: `import … from
 * "node:http"` also loads Node's fetch, WebSocket and caches, ten times as long and in five times the memory.
 */

const import_line =
  /^import (?:(?<whole>[\w$]+)(?:, )?)?(?:\{ (?<names>[\w$, ]+) \})?(?<other>[^"]*) from "(?<module>node:[\w/]+)";$/gm;

/** The same code, line by line. Throws where a module is imported in a way that is not known here. */
export function withBuiltinModules(code: string): string {
  return code.replaceAll(import_line, (line, ...rest: unknown[]) => {
    const { whole, names, other, module } = rest.at(-1) as Record<string, string | undefined>;
    if (other !== "") throw new Error(`an import that is not known: ${line}`);
    // A library may import `process` by its own name.
    const got = `globalThis.process.getBuiltinModule("${module}")`;
    const wanted = names === undefined ? [] : [`{ ${names.replaceAll(" as ", ": ")} } = ${got}`];
    if (whole !== undefined) wanted.unshift(`${whole} = ${got}`);
    return `const ${wanted.join(", ")};`;
  });
}
