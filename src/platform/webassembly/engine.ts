/** What is used of WebAssembly; the types of Node leave it to those of browsers. */

/** What a module gives out. */
export type Exports<Functions> = Functions & { readonly memory: { readonly buffer: ArrayBuffer } };

interface Engine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** Throws where there is no WebAssembly (`node --jitless`), or the processor lacks what the module needs. */
export function instantiate<Functions>(bytes: Uint8Array<ArrayBuffer>): Exports<Functions> {
  const { Instance, Module } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  return new Instance(new Module(bytes)).exports as Exports<Functions>;
}
