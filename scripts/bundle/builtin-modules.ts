/**
 * How the bundle gets modules of Node's own: by a call, not by an import.
 *
 * An import makes Node read all that such a module exports, and some of that is loaded when it is read: `import … from
 * "node:http"` also loads Node's fetch, WebSocket and caches, ten times as long and in five times the memory. Modules that
 * many commands never use are got at the first call of one of their functions.
 */
import { isBuiltin } from "node:module";

const import_line =
  /^import (?:(?<whole>[\w$]+)(?:, )?)?(?:\* as (?<space>[\w$]+))?(?:\{ (?<names>[\w$, ]+) \})?(?<other>[^"]*) from "(?<module>node:[\w/]+)";$/gm;

/** What `require` of a library in CommonJS is, when the bundler has put it into its runtime. */
const runtime_require = "var __require = (() => createRequire(import.meta.url))();";

/** Modules that are dear to load, and got late. */
const late = new Set(["node:child_process", "node:crypto", "node:zlib"]);

/** The same code, line by line. Throws where a module is imported in a way that is not known here. */
export function withBuiltinModules(code: string): string {
  for (const [, module] of code.matchAll(/\b__require\("([^"]*)"\)/g)) {
    if (!isBuiltin(module!)) throw new Error(`${module} is required and is not in the bundle`);
  }
  return code.replaceAll(import_line, (line, ...rest: unknown[]) => {
    const { whole, space, names, other, module } = rest.at(-1) as Record<
      string,
      string | undefined
    >;
    if (other !== "" || (space !== undefined && late.has(module!)))
      throw new Error(`an import that is not known: ${line}`);
    const list = names?.split(", ") ?? [];
    if (late.has(module!)) return gotLate(module!, whole, list);
    const got = gotFrom(module!);
    const wanted = names === undefined ? [] : [`{ ${names.replaceAll(" as ", ": ")} } = ${got}`];
    // The module itself has all that is asked of its namespace, but for `default`.
    for (const each of [space, whole]) if (each !== undefined) wanted.unshift(`${each} = ${got}`);
    return `const ${wanted.join(", ")};`;
  });
}

/** The same runtime of the bundler: a library in CommonJS gets Node's own modules by the same call. */
export function withBuiltinRequire(code: string): string {
  if (!code.includes(runtime_require)) throw new Error("the bundler has another `require`");
  return code
    .replace(runtime_require, "var __require = (name) => process.getBuiltinModule(name);")
    .replace('import { createRequire } from "node:module";', "");
}

function gotFrom(module: string): string {
  // A library may import `process` by its own name.
  return `globalThis.process.getBuiltinModule("${module}")`;
}

/** Functions that get the module when they are called, and then keep it. */
function gotLate(module: string, whole: string | undefined, names: readonly string[]): string {
  const kept = `late_${module.replace("node:", "")}`;
  const got = `(${kept} ??= ${gotFrom(module)})`;
  const functions = names.map((each) => {
    const [name, own = name] = each.split(" as ");
    // Of a class one can ask more than to call it.
    if (/^[A-Z]/.test(name!))
      throw new Error(`${name} of ${module} is a class: get it where it is used`);
    return `${own} = (...args) => ${got}.${name}(...args)`;
  });
  if (whole !== undefined)
    functions.unshift(`${whole} = new Proxy({}, { get: (_, name) => ${got}[name] })`);
  return `let ${kept}; const ${functions.join(", ")};`;
}
