import { expect, test } from "vitest";
import { changedFiles } from "../../../src/collect/modified-files.ts";

// As dpkg 1.21 prints it.
const answer = `??5??????   /bin/sleep
??5?????? c /etc/skel/.bashrc
missing     /usr/share/doc/coreutils/README.gz
missing   c /etc/gone
??????5??   /bin/other
??5??????   /usr/bin/[
??5??????   /opt/two words
`;

test("changed files are listed; configuration, missing files and names that would break the field are not", () => {
  expect(changedFiles(answer)).toEqual(["bin/sleep"]);
});

test("a list of changed files has an end", () => {
  expect(changedFiles("??5??????   /a\n".repeat(1000))).toHaveLength(100);
});
