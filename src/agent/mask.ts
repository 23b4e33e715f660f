/** Hides in text what a configuration knows as secret: tokens, and what the redact steps of its chains mask. */
import { splunkOutputs } from "../config/outputs.ts";
import type { Setup } from "./setup.ts";

export function maskWith({ inputs, config }: Setup, text: string): string {
  const tokens = splunkOutputs(config).map(({ options }) => options.token);
  const masked = inputs.reduce((so_far, { chain }) => chain.maskText(so_far), text);
  return tokens.reduce((so_far, token) => token.hideIn(so_far), masked);
}
