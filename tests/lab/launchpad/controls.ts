import type { Service } from "./api-server.ts";
import { credentialsText, issueToken } from "./credentials.ts";
import { type BugSnapshot, type Dump, dumpOf, snapshotOf } from "./dump.ts";
import type { FaultRule, Faults } from "./launchpad-faults.ts";
import type { Librarian } from "./librarian.ts";
import { type BugSeed, makeBug } from "./make-bug.ts";
import type { Permission } from "./oauth.ts";
import { type PublicationSeed, publish } from "./publish.ts";
import { countByRoute, type LoggedRequest } from "./request-log.ts";
import type { Bug } from "./state.ts";
import { textOf } from "./stored-file.ts";

/** What a test does to the server behind the clients' backs, and what it asks. */
export type LaunchpadControls = {
  /** Files a bug; gives its number. */
  addBug(seed: BugSeed): number;
  /** Publishes a source or a binary in the primary archive. */
  publish(seed: PublicationSeed): void;
  /** A bug as it is now. Throws when there is none. */
  bug(id: number): BugSnapshot;
  /** The text of an attachment, by its title. Throws when there is none. */
  attachedText(id: number, title: string): string;
  /** Changes a bug as somebody else would; its date follows. */
  edit(id: number, change: (bug: Bug) => void): void;
  /** Time passes for a bug: it was last changed so much earlier. */
  age(id: number, ms: number): void;
  /** A bug vanishes. */
  removeBug(id: number): void;
  /** Everything, to be compared with another server's. */
  dump(): Dump;
  /** How often each route was asked for, since the last `forgetRequests`. */
  hits(): Readonly<Record<string, number>>;
  requests(): readonly Readonly<LoggedRequest>[];
  forgetRequests(): void;
  /** @returns a function that ends the misbehaviour. */
  fault(rule: FaultRule): () => void;
  /** How often a fault was used, by kind. */
  faultsUsed(): Readonly<Record<string, number>>;
  /** A new token, as the text of launchpadlib's credentials file. */
  credentials(options?: CredentialsOptions): string;
  /** From now on all tokens are expired. */
  revokeTokens(): void;
  /** From now on the addresses of restricted files that were given out are dead. */
  expireLibrarianTokens(): void;
};

export type CredentialsOptions = {
  readonly person?: string;
  readonly permission?: Permission;
  readonly consumer?: string;
};

export function makeControls(
  service: Service,
  librarian: Librarian,
  faults: Faults,
  log: LoggedRequest[],
): LaunchpadControls {
  const { world, tokens } = service;
  const bugOf = (id: number): Bug => {
    const bug = world.bugs.get(id);
    if (bug === undefined) throw new Error(`there is no bug ${id}`);
    return bug;
  };
  return {
    addBug: (seed) => makeBug(world, seed).id,
    publish: (seed) => publish(world, seed),
    bug: (id) => snapshotOf(bugOf(id)),
    attachedText: (id, title) => {
      const file = bugOf(id).attachments.find((each) => each.title === title)?.file;
      if (file === undefined) throw new Error(`bug ${id} has no attachment ${title}`);
      return textOf(file);
    },
    edit: (id, change) => {
      world.searches.clear();
      change(bugOf(id));
      bugOf(id).updated = world.now();
    },
    age: (id, ms) => {
      bugOf(id).updated = new Date(bugOf(id).updated.getTime() - ms);
    },
    removeBug: (id) => {
      world.searches.clear();
      world.bugs.delete(id);
    },
    dump: () => dumpOf(world),
    hits: () => countByRoute(log),
    requests: () => [...log],
    forgetRequests: () => void log.splice(0),
    fault: faults.add,
    faultsUsed: faults.used,
    credentials: ({ person = "retracer", permission = "WRITE_PRIVATE", consumer = "crash-digger" } = {}) =>
      credentialsText(issueToken(tokens, consumer, person, permission)),
    revokeTokens: () => {
      tokens.allRevoked = true;
    },
    expireLibrarianTokens: librarian.expireTokens,
  };
}
