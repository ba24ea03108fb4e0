import { blank, digit, linesOf, word } from "./text.ts";

/** Where a path leads when it is itself a symbolic link on this machine; else the path as it is. Never throws. */
export type ResolveLink = (path: string) => string;

/**
 * Signature of a Python exception: `PROGRAM:NameError:main:helper`. Null when the traceback names no place.
 *
 * @param qualifier the `_PythonExceptionQualifier` field: what tells apart exceptions of one class, such as a
 *   D-Bus error's name.
 */
export function tracebackSignature(
  executable: string,
  traceback: string,
  qualifier: string | undefined,
  resolveLink: ResolveLink,
): string | null {
  const { lineCount, firstLine, lastLine, places } = readTraceback(traceback, resolveLink);
  // An exception without frames, such as "ImportError: No module named foo" from an embedded interpreter.
  if (lineCount === 1) return bareSignature(executable, firstLine);
  if (lineCount < 3) return null;
  const exception = lastLine.split(":", 1)[0] ?? "";
  const qualified = qualifier === undefined ? exception : `${exception}(${qualifier})`;
  return [executable, qualified, ...places].join(":");
}

const bareExceptionPattern = new RegExp(`^([${word}]+): `, "u");

function bareSignature(executable: string, line: string): string | null {
  const name = bareExceptionPattern.exec(line)?.[1];
  return name === undefined ? null : `${executable}:${name}`;
}

type ReadTraceback = {
  readonly lineCount: number;
  readonly firstLine: string;
  readonly lastLine: string;
  readonly places: readonly string[];
};

function readTraceback(traceback: string, resolveLink: ResolveLink): ReadTraceback {
  const places: string[] = [];
  let lineCount = 0;
  let firstLine = "";
  let lastLine = "";
  for (const line of linesOf(traceback)) {
    if (lineCount === 0) firstLine = line;
    lastLine = line;
    lineCount += 1;
    const place = placeOf(line, resolveLink);
    if (place !== null) places.push(place);
  }
  return { lineCount, firstLine, lastLine, places };
}

const placePattern = new RegExp(`^[${blank}]+File "(.+?)", line ([${digit}]+), in (.*)$`, "su");

// A module's own code has no function name, so its file and line stand for it. Programs are often started
// through a link (`/usr/bin/editor`), and reports of both names are to meet: hence the file that it leads to.
function placeOf(line: string, resolveLink: ResolveLink): string | null {
  const found = placePattern.exec(line);
  if (found === null) return null;
  const [, file = "", lineNumber = "", functionName = ""] = found;
  return functionName === "<module>" ? `${resolveLink(file)}@${lineNumber}` : functionName;
}
