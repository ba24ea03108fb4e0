import { main } from "./main.ts";
import { failUnlessWritten } from "./output-failure.ts";

process.stdout.on("error", failUnlessWritten);

// Not awaited at the top: the joined program is CommonJS. main() never rejects.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
