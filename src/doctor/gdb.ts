import { chooseGdb } from "../debugger/find-gdb.ts";
import { describeEnd, run } from "../system/process.ts";
import { ok, problem } from "./answers.ts";
import type { Answer } from "./types.ts";

/** Whether gdb is there, and speaks Python, which gives the frames. @throws ServiceFailure when it is not installed */
export async function checkGdb(architecture: string): Promise<Answer> {
  const choice = chooseGdb(architecture);
  if (choice.kind === "foreign") return problem(choice.reason, "apt-get install gdb-multiarch");
  const session = ["-nx", "-nh", "-batch", "-iex", "set auto-load off", "-ex", "python print('speaks Python')"];
  const asked = await run([choice.program, ...session, "-ex", "show version"], { deadlineMs: 60_000 });
  const [python, version = ""] = asked.stdout.toString("utf8").split("\n");
  if (python !== "speaks Python") {
    const words = asked.stderr.trim().split("\n", 1)[0] ?? "";
    return problem(
      `${choice.program} cannot run Python, which gives the frames: ${describeEnd(asked)} ${words}`.trim(),
      "Install the distribution's own gdb (apt-get install --reinstall gdb); gdb-minimal has no Python.",
    );
  }
  const foreign = chooseGdb("no-such-architecture").kind === "found";
  return ok(`${version}${foreign ? "" : "; cores of other architectures need gdb-multiarch"}`);
}
