/**
 * Tests of rules, as users write them: events in, and what is to become of them.
 */
import { z } from "zod";

const tests_max = 1000;
const events_max = 1000;

const expectation = z
  .strictObject({
    fate: z
      .enum(["kept", "filtered", "dropped", "quarantined"])
      .optional()
      .describe(
        "What is to become of the event. Default: `kept`, unless `reason` or `step` is given.",
      ),
    reason: z
      .string()
      .optional()
      .describe("What it is to be counted under, as `status` has it, where it is not kept."),
    step: z.string().optional().describe("The name of the step that is to end it."),
    output: z.string().optional().describe("The output that it is to go to."),
    event: z
      .unknown()
      .optional()
      .describe(
        "The whole event as it is to be sent: JSON, compared whatever the order of its keys, or text, compared as it is.",
      ),
    contains: z
      .unknown()
      .optional()
      .describe("Parts of the event as it is to be sent. What is not named here is not compared."),
    metadata: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        "Of its metadata, what is to be compared: host, source, sourcetype, index, time, and indexed fields as `fields.NAME`.",
      ),
  })
  .describe("What is to become of an event.");

export const ruleTest = z
  .strictObject({
    name: z.string().min(1).describe("What the test shows; it stands in reports."),
    input: z
      .string()
      .optional()
      .describe(
        "The input that the events come from. Default: the first that has the common chain.",
      ),
    event: z
      .unknown()
      .refine((event) => event !== undefined, "is missing: the event that is tested")
      .describe(
        "The event: JSON, or text, which is taken as it is. Write JSON with long numbers as text.",
      ),
    before: z
      .array(z.unknown())
      .max(events_max)
      .default([])
      .describe(
        "Events that come before it, for steps that remember. What becomes of them is not compared.",
      ),
    expect: z
      .union([expectation, z.array(expectation).min(1).max(events_max)])
      .prefault({})
      .describe(
        "What is to become of the event; or a list, of what is to become of each event that steps make of it.",
      ),
  })
  .describe("One test of the rules.");

/** A test of a plugin: the same, with the one step's options in place of the input. */
const pluginTest = ruleTest.omit({ input: true }).extend({
  options: z.unknown().default({}).describe("The options of the plugin's step."),
});

export const ruleTests = z.array(ruleTest).max(tests_max);

export type RuleTest = z.output<typeof ruleTest>;
export type PluginTest = z.output<typeof pluginTest>;
export type Expectation = z.output<typeof expectation>;

/** The file beside a configuration that has nothing but tests. */
export const ruleTestFile = z.strictObject({ tests: ruleTests });

/** The file beside a plugin that has its tests. */
export const pluginTestFile = z.strictObject({ tests: z.array(pluginTest).min(1).max(tests_max) });
