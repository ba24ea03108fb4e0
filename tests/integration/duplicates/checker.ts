// A process of its own for the tests: checks a range of reports, ten to a signature, until it is done or killed.
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";

const [path = "", from = "0", to = "0"] = process.argv.slice(2);
const duplicates = await openDuplicates(path);
for (let id = Number(from); id < Number(to); id += 1) {
  const bug = id % 10;
  const question = {
    id,
    signature: `/bin/x:11:f${bug}:g`,
    addressSignature: `/bin/x:11:/l.so+${bug}:/l.so+1:/l.so+2`,
    packageVersion: "1.0",
  };
  const { verdict } = await duplicates.check(
    question,
    async (ids) => new Map(ids.map((known) => [known, { kind: "open" }])),
  );
  process.stdout.write(`${id} ${verdict.kind}\n`);
}
await duplicates.close();
