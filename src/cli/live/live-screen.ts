/**
 * A view that asks the agent again and again and draws what it answers, until somebody ends it. An agent that does not answer
 * is asked on, so that the view outlives a restart of it.
 */
import type { Clock } from "../../platform/clock.ts";
import { unlessAborted } from "../../platform/patience.ts";
import type { Line, Look } from "../terminal/drawing/spans.ts";
import { FullScreen } from "../terminal/screen/full-screen.ts";
import type { Key } from "../terminal/screen/keyboard.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is drawn, and what keys do. */
export interface View<Answer> {
  /** Whether nothing new is to be asked for at the moment. */
  readonly is_paused: boolean;
  take(answer: Answer): void;
  lines(size: Size): Line[];
  /** Gives `end` where the key ends the view. */
  press(key: Key): "end" | undefined;
}

export interface LiveDeps<Answer> {
  readonly ask: () => Promise<Answer>;
  readonly view: View<Answer>;
  readonly interval_ms: number;
  readonly clock: Clock;
  readonly look: Look;
}

/** Since when the agent has not answered, and why. */
interface Silence {
  readonly since: string;
  readonly why: string;
}

/** Draws on the terminal until a key, a signal or the end of the terminal ends it. */
export async function showLive<Answer>(deps: LiveDeps<Answer>): Promise<void> {
  const { ask, view, interval_ms, clock, look } = deps;
  const ended = new AbortController();
  const { signal } = ended;
  let silence: Silence | undefined;
  const draw = (): void => {
    const { size } = screen;
    const banner = silence === undefined ? [] : [silenceLine(silence, view.is_paused)];
    screen.draw([...banner, ...view.lines({ ...size, height: size.height - banner.length })]);
  };
  const screen = new FullScreen({
    input: process.stdin,
    output: process.stdout,
    look,
    clock,
    onKey: (key) => {
      if (view.press(key) === "end") ended.abort();
      else draw();
    },
    onChange: draw,
    onEnd: () => ended.abort(),
  });
  screen.open();
  try {
    while (!signal.aborted) {
      if (!view.is_paused) {
        const answered = await answerOf(ask, signal);
        if (answered === undefined) break;
        if ("answer" in answered) view.take(answered.answer);
        silence = "answer" in answered ? undefined : (silence ?? silenceNow(answered.error, clock));
      }
      draw();
      await clock.sleep(interval_ms, signal);
    }
  } finally {
    screen.close();
  }
}

type Answered<Answer> = { readonly answer: Answer } | { readonly error: unknown };

/** Undefined where the view has ended before there was one. */
async function answerOf<Answer>(
  ask: () => Promise<Answer>,
  ended: AbortSignal,
): Promise<Answered<Answer> | undefined> {
  try {
    return { answer: await unlessAborted(ask(), ended) };
  } catch (error) {
    return ended.aborted ? undefined : { error };
  }
}

function silenceNow(error: unknown, clock: Clock): Silence {
  const why = error instanceof Error ? error.message : String(error);
  return { since: new Date(clock.now()).toISOString().slice(11, 19), why };
}

function silenceLine({ since, why }: Silence, is_paused: boolean): Line {
  const next = is_paused ? "paused" : "trying again";
  return [
    ["inverse", ` The agent is not answering since ${since} UTC; ${next}. `],
    ["dim", ` ${why}`],
  ];
}
