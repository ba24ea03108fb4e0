import { hostname } from "node:os";
import { loadConfig } from "../../config/load.ts";
import { unitNotice } from "../../notify/unit-notice.ts";
import { systemClock } from "../../system/clock.ts";
import { stdoutLog } from "../stdout-log.ts";
import { channelsOf, tellPeople } from "../tell-people.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Tells people how a unit ended that could not do so itself. systemd says how in the environment of the unit that
 * `OnFailure=` starts (systemd.exec(5), MONITOR_SERVICE_RESULT and so on, since version 251).
 */
export async function tellOfUnit(unit: string, flags: { readonly config?: string }, env: Environment): Promise<void> {
  const log = stdoutLog();
  const [code, status] = [env["MONITOR_EXIT_CODE"], env["MONITOR_EXIT_STATUS"]];
  if (code === "exited" && status === "1") {
    log.event("a unit failed, and has told so itself", { unit });
    return;
  }
  const end = [env["MONITOR_SERVICE_RESULT"], code, status].filter((part) => part !== undefined);
  const notice = unitNotice({ unit, end, host: hostname(), time: systemClock.now() });
  await tellPeople(notice, channelsOf(loadConfig(flags.config), log));
}
