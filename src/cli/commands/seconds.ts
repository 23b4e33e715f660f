/** A number of seconds, as an option takes it. */
import { InvalidArgumentError } from "commander";

/** Less would be more than anybody can read, more is longer than anybody waits. */
const seconds_min = 0.5;
const seconds_max = 3600;

/** Throws what the command line shows for anything else. */
export function watchSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds >= seconds_min && seconds <= seconds_max) return seconds;
  throw new InvalidArgumentError(
    `expected ${seconds_min} to ${seconds_max} seconds, such as 5; the configuration is given with -c`,
  );
}
