import { main } from "./main.ts";

// `crash-digger list | head`: who reads has gone away. That is no failure, and a batch goes on unseen to its end.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Not awaited at the top: the joined program is CommonJS. main() never rejects.
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
