import { expect, test } from "vitest";
import { readOrigins } from "../../../src/collect/origins.ts";

const archives = `Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://ppa.example/user/name/ubuntu noble/main amd64 Packages
     release v=24.04,o=LP-PPA-user-name,a=noble,n=noble,l=name,c=main,b=amd64
     origin ppa.example
 500 http://vendor.example/apt stable/main amd64 Packages
     release o=Vendor [fast] Inc,a=stable,n=stable,c=main,b=amd64
 500 http://archive.example/ubuntu noble/main amd64 Packages
     release v=24.04,o=Ubuntu,a=noble,n=noble,l=Ubuntu,c=main,b=amd64
Pinned packages:
`;
const [own, ppa, vendor] = [
  "http://archive.example/ubuntu noble/main amd64 Packages",
  "http://ppa.example/user/name/ubuntu noble/main amd64 Packages",
  "http://vendor.example/apt stable/main amd64 Packages",
];

function listed(name: string, ...sources: readonly string[]): string {
  const places = sources.map((source) => `        500 ${source}\n`).join("");
  return `${name}:\n  Installed: 1.0\n  Candidate: 1.1\n  Version table:\n     1.1 500\n${places} *** 1.0 100\n        100 /var/lib/dpkg/status\n`;
}

const ubuntu = new Set(["ubuntu", "debian"]);

test("packages of other archives have an origin, the distribution's have none", () => {
  const versions = [listed("bash", own), listed("tool", ppa), listed("fast:i386", vendor), listed("local")].join("");
  expect(readOrigins(archives, versions, ubuntu)).toEqual(
    new Map([
      ["tool", "LP-PPA-user-name"],
      ["fast", "Vendor fast Inc"],
      ["local", "unknown"],
    ]),
  );
});

test("a package that the distribution has too, in another version, is the distribution's", () => {
  expect(readOrigins(archives, listed("tool", ppa, own), ubuntu)).toEqual(new Map());
});

test("where apt knows no archive of the distribution, nothing can be told", () => {
  const none = "Package files:\n 100 /var/lib/dpkg/status\n     release a=now\n";
  expect(readOrigins(none, listed("bash"), ubuntu)).toBeNull();
});
