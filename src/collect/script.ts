import { open, realpath } from "node:fs/promises";
import { basename } from "node:path";
import { safePath } from "../symbols/host/safe-path.ts";

/** Linux reads no more of a script's first line (BINPRM_BUF_SIZE). */
const shebangBytes = 256;

const searchFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

/**
 * The script that an interpreter was running, null when it was none or nothing proves it.
 *
 * `/usr/bin/python3 -Es /usr/bin/lsb_release --all` is how the kernel starts a script with the first line
 * `#!/usr/bin/python3 -Es`. So the words of the command line have to be the first line's option, if it has one,
 * and then a file here whose first line leads to the program that crashed. `cat /usr/bin/lsb_release` and
 * `python3 -c …` are then no scripts, whatever they are called.
 *
 * @param interpreter path of the program in the core.
 * @param commandLine its words as the core has them (cut off after 79 bytes): hostile.
 */
export async function scriptOf(interpreter: string, commandLine: string): Promise<string | null> {
  const [, first = "", second = ""] = commandLine.split(" ");
  const [option, script] = first.startsWith("-") ? [first, second] : ["", first];
  const shebang = await shebangOf(script);
  if (shebang === null || shebang.option !== option) return null;
  const crashed = await realpath(interpreter).catch(() => interpreter);
  return shebang.interpreters.includes(crashed) ? script : null;
}

type Shebang = { readonly interpreters: readonly string[]; readonly option: string };

async function shebangOf(script: string): Promise<Shebang | null> {
  const place = await safePath("/", script);
  const line = place === null ? "" : await firstLine(place);
  const words = /^#![ \t]*(\/\S+)[ \t]*(.*?)[ \t]*$/.exec(line);
  if (words === null) return null;
  const [, program = "", argument = ""] = words;
  // env takes the interpreter's name as its argument, and starts it without that.
  if (basename(program) === "env") return { interpreters: await realPaths(placesOf(argument)), option: "" };
  return { interpreters: await realPaths([program]), option: argument };
}

function placesOf(name: string): readonly string[] {
  return /^[\w.+-]+$/.test(name) ? searchFolders.map((folder) => `${folder}/${name}`) : [];
}

async function realPaths(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => safePath("/", path)));
  return found.filter((path) => path !== null);
}

async function firstLine(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (file === null) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(shebangBytes), 0, shebangBytes, 0);
    return buffer.toString("latin1", 0, bytesRead).split("\n", 1)[0] ?? "";
  } finally {
    await file.close();
  }
}
