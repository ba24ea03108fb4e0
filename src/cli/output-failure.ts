import { ServiceFailure } from "../system/failure.ts";

// `crash-digger list | head`: who reads has gone away. That is no failure, and a batch goes on unseen to its end. Of what is
// written after a failure, the failure itself has said why.
const harmless: readonly (string | undefined)[] = ["EPIPE", "ERR_STREAM_DESTROYED"];

/**
 * For whatever tells that stdout could not be written: throws, in the next turn and past everybody, unless nobody wants to
 * read any more. A log on a full disk is a failure of the service and ends the batch under way.
 */
export function failUnlessWritten(cause: NodeJS.ErrnoException | null | undefined): void {
  if (cause === null || cause === undefined || harmless.includes(cause.code)) return;
  const remedy =
    "Make room where stdout goes to (the cron line or the unit says where), and let this user write there.";
  const failure = new ServiceFailure(`the output cannot be written: ${cause.message}`, { cause, remedy });
  // Thrown at once it is lost without a trace where Node (24.21) tells of the write between two file operations.
  setImmediate(() => {
    throw failure;
  });
}
