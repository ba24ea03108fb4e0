import type { BugSeed } from "./make-bug.ts";
import type { PublicationSeed } from "./publish.ts";
import type { Distribution, Person, Project } from "./state.ts";

/** What a server begins with. */
export type Seed = {
  readonly people: readonly Person[];
  readonly distributions: readonly Distribution[];
  readonly projects: readonly Project[];
  readonly bugs: readonly BugSeed[];
  readonly publications: readonly PublicationSeed[];
  /** The user that any non-empty token logs in as; null: only tokens that the server gave out are good. */
  readonly anybody: string | null;
};

const architectures = ["amd64", "arm64", "armhf", "i386", "ppc64el", "riscv64", "s390x"];

/** Ubuntu with its series, two projects, some people and teams, and a few bugs. */
export const defaultSeed: Seed = {
  anybody: "retracer",
  publications: [],
  people: [
    person("retracer", "Crash Retracer"),
    person("somebody", "Somebody Else"),
    person("reporter", "A Reporter"),
    team("apport-hackers", "Apport Hackers", ["somebody"]),
    team("ubuntu-crashes-universe", "Ubuntu Crashes in Universe", ["somebody"]),
    team("ubuntu-bugcontrol", "Ubuntu Bug Control", ["retracer", "apport-hackers"]),
  ],
  distributions: [
    {
      name: "ubuntu",
      displayName: "Ubuntu",
      bugSupervisor: "ubuntu-bugcontrol",
      series: [
        { name: "questing", version: "25.10", status: "Active Development", architectures },
        { name: "plucky", version: "25.04", status: "Current Stable Release", architectures },
        { name: "noble", version: "24.04", status: "Supported", architectures },
        { name: "jammy", version: "22.04", status: "Supported", architectures },
        { name: "bionic", version: "18.04", status: "Obsolete", architectures },
      ],
    },
  ],
  projects: [
    { name: "coreutils", displayName: "GNU Core Utilities", series: ["trunk", "9.0"], bugSupervisor: "apport-hackers" },
    {
      name: "langpack-o-matic",
      displayName: "langpack-o-matic",
      series: ["trunk"],
      bugSupervisor: "ubuntu-bugcontrol",
    },
  ],
  bugs: [
    { id: 1, owner: "somebody", title: "A bug of somebody else", description: "It belongs to another person." },
    ...Array.from({ length: 13 }, (_, at) => ({
      id: 10070 + at,
      owner: "retracer",
      title: `Bug ${at + 1} in coreutils`,
      description: "A bug to try things on.",
      tasks: ["ubuntu/+source/coreutils"],
    })),
  ],
};

function person(name: string, displayName: string): Person {
  return { name, displayName, members: null };
}

function team(name: string, displayName: string, members: readonly string[]): Person {
  return { name, displayName, members };
}
