import { catchUpDuplicates } from "./catch-up-duplicates.ts";
import { catchUpState } from "./catch-up-state.ts";
import type { DiggerServices } from "./services.ts";

/**
 * After a database was put back from a backup: makes it agree with the tracker, which is right. Interrupted, it is begun
 * anew by the next batch; whatever was stored by then is stored again.
 */
export async function catchUp(services: DiggerServices, architecture: string, signal: AbortSignal): Promise<void> {
  const { restored, log } = services;
  const { state = null, duplicates = null } = restored ?? {};
  if (state !== null && state.note.forgotUpTo === null) {
    log.event("state.db was put back from a backup; catching up with the tracker", { asOf: state.note.asOf });
    const forgotUpTo = await catchUpState(services, architecture, signal);
    state.settled({ ...state.note, forgotUpTo });
  }
  if (duplicates !== null) {
    const since = new Date(duplicates.note.asOf);
    log.event("duplicates.db was put back from a backup; catching up with the tracker", { asOf: duplicates.note.asOf });
    const learnt = await catchUpDuplicates(services, since, signal);
    duplicates.settled(null);
    log.event("duplicates.db has caught up", { crashes: learnt });
  }
}
