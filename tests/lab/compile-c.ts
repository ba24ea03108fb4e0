import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** Compiles C source into `target` with gcc and returns `target`; throws with gcc's words where that fails. */
export function compileC(source: string, target: string, flags: readonly string[] = []): string {
  const sourcePath = `${target}.c`;
  writeFileSync(sourcePath, source);
  execFileSync("gcc", ["-g", "-O0", "-Wl,--build-id", "-o", target, sourcePath, ...flags], { stdio: "pipe" });
  return target;
}
