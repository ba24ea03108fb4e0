import type { BatchWatch } from "../digger/run-batch.ts";
import type { CrashId } from "../tracker/types.ts";

/** Where a status line is drawn. */
export type Terminal = {
  readonly write: (text: string) => void;
  /** How wide it is now: people change the size of their windows. */
  readonly columns: () => number;
};

/** The last line of a terminal, redrawn in place; what is printed scrolls above it. */
export type StatusLine = {
  /** Prints whole lines above the status. */
  print(lines: string): void;
  /** Draws the status anew; nothing but an empty text takes it away. */
  show(text: string): void;
};

/** Whether a terminal is one on which a line can be redrawn, for a person who did not ask for plain output. */
export function isLively(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  // no-color.org is about colours, but who sets it wants text without escape sequences.
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb" && env["TERM"] !== undefined;
}

// Carriage return and `EL`: to the start of the line, and erase what was on it.
const clear = "\r\u001b[K";

/** A status line on a terminal. Texts have to be printable already. */
export function statusLine({ write, columns }: Terminal): StatusLine {
  let status = "";
  // A line as wide as the terminal would make it scroll at every turn.
  const fitting = (): string => [...status].slice(0, Math.max(0, columns() - 1)).join("");
  return {
    print: (lines) => write(status === "" ? lines : `${clear}${lines}${fitting()}`),
    show: (text) => {
      if (text === status) return;
      status = text;
      write(`${clear}${fitting()}`);
    },
  };
}

const shownCrashes = 8;
const redrawMs = 1000;

/** Shows on a status line how a batch is getting on, until it is disposed of. */
export function batchProgress(line: StatusLine, nowMs: () => number): Disposable & { readonly watch: BatchWatch } {
  const startedAt = nowMs();
  const running = new Set<CrashId>();
  let [total, done] = [0, 0];
  const draw = (): void => line.show(textOf(total, done, [...running], nowMs() - startedAt));
  const timer = setInterval(draw, redrawMs);
  const watch: BatchWatch = (event) => {
    if (event.kind === "work list") total = event.crashes;
    if (event.kind === "begun") running.add(event.crash);
    if (event.kind === "done" && running.delete(event.crash)) done += 1;
    draw();
  };
  const end = (): void => {
    clearInterval(timer);
    line.show("");
  };
  return { watch, [Symbol.dispose]: end };
}

function textOf(total: number, done: number, running: readonly CrashId[], elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const elapsed = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (total === 0) return `looking for work, ${elapsed}`;
  const ids = `${running.slice(0, shownCrashes).join(", ")}${running.length > shownCrashes ? ", …" : ""}`;
  return `${done} of ${total} crashes done, ${elapsed}${ids === "" ? "" : `, working on ${ids}`}`;
}
