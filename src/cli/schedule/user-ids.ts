import { z } from "zod";
import { minimalEnvironment, run, succeeded } from "../../system/process.ts";
import { CliError } from "../exit.ts";

// name:password:uid:gid:…, getent(1) and passwd(5).
const passwdLine = z.string().regex(/^[^:]+:[^:]*:\d+:\d+:/);

/** A user's numbers, wherever this machine knows its users from. Throws CliError when there is none of that name. */
export async function userIds(user: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const found = await run(["getent", "passwd", user], { deadlineMs: 30_000, env: minimalEnvironment });
  const line = passwdLine.safeParse(found.stdout.toString("utf8"));
  if (!succeeded(found) || !line.success) {
    throw new CliError(`there is no user ${user}\nWhat to do: adduser --system --group ${user}, or another --user.`);
  }
  const [, , uid, gid] = line.data.split(":").map(Number);
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
