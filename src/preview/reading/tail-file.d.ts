/** The part of tail-file that is used, which comes without types. */
declare module "tail-file" {
  export default class Tail {
    constructor(filename: string, options?: { startPos?: "start" | "end" });
    on(event: "line", listener: (line: string) => void): this;
    on(event: "error", listener: (error: unknown) => void): this;
    startP(): Promise<boolean>;
    stop(): Promise<unknown>;
  }
}
