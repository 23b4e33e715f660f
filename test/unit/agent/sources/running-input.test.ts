/** The order in which inputs are started. */
import { expect, test } from "vitest";
import { startInputs, type RunningInput } from "../../../../src/agent/sources/running-input.ts";

/** Inputs that are started when the test says so, and what has happened to them. */
class Inputs {
  readonly said: string[] = [];
  readonly #starts = new Map<string, PromiseWithResolvers<void>>();

  make(name: string, type: string): RunningInput {
    const begun = Promise.withResolvers<void>();
    this.#starts.set(name, begun);
    const start = async (): Promise<void> => {
      this.said.push(`${name} begins`);
      await begun.promise;
      this.said.push(`${name} runs`);
    };
    return { name, start, setup: { compiled: { options: { type } } } } as unknown as RunningInput;
  }

  async let(name: string, error?: Error): Promise<void> {
    const { resolve, reject } = this.#starts.get(name)!;
    if (error === undefined) resolve();
    else reject(error);
    await new Promise(setImmediate);
  }
}

test("start of inputs - those that others send to come first, one after the other, and then all files at once", async () => {
  const inputs = new Inputs();
  const made = [
    inputs.make("a", "file"),
    inputs.make("b", "socket"),
    inputs.make("c", "file"),
    inputs.make("d", "hec"),
  ];
  const started = startInputs(made);
  expect(inputs.said).toEqual(["b begins"]);
  await inputs.let("b");
  expect(inputs.said.slice(1)).toEqual(["b runs", "d begins"]);
  await inputs.let("d");
  // A file with a long backlog must not keep the others waiting.
  expect(inputs.said.slice(3)).toEqual(["d runs", "a begins", "c begins"]);
  await inputs.let("c");
  await inputs.let("a");
  await started;
  expect(inputs.said.slice(6)).toEqual(["c runs", "a runs"]);
});

test("start of inputs - one that cannot be opened is reported when the others are started", async () => {
  const inputs = new Inputs();
  const started = startInputs([inputs.make("a", "file"), inputs.make("b", "file")]);
  let outcome = "starting";
  const watched = started.catch((error: unknown) => (outcome = (error as Error).message));
  await inputs.let("a", new Error("no such place"));
  expect(outcome).toBe("starting");
  await inputs.let("b");
  await watched;
  expect(outcome).toBe("no such place");
  expect(inputs.said).toEqual(["a begins", "b begins", "b runs"]);
});
