import { expect, test } from "vitest";
import { addressesFrom } from "../../../../src/tracker/launchpad/client/addresses.ts";

test("a file that is named by http is asked for by https, except on this machine for a Launchpad of this machine", () => {
  const remote = addressesFrom("https://api.launchpad.example/");
  const file = "http://librarian.example/1/core.gz?token=x";
  expect(remote.file(file).href).toBe("https://librarian.example/1/core.gz?token=x");
  expect(remote.file("/1/core.gz", new URL("http://librarian.example/")).protocol).toBe("https:");
  expect(() => remote.file("http://127.0.0.1:80/core.gz")).toThrow("no place for a file");
  expect(() => remote.file("file:///etc/passwd")).toThrow("no place for a file");
  const local = addressesFrom("http://127.0.0.1:8085/");
  expect(local.file("http://127.0.0.1:8086/core.gz").href).toBe("http://127.0.0.1:8086/core.gz");
});
