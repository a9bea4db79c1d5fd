import { createServer } from "node:http";

/*
 * A process for the supervisor's tests. Environment: PORT; SERVES=no keeps it from answering; DIES_AFTER_MS and DIES_ONCE_ASKED=yes end it with code 3;
 * STUBBORN=yes ignores SIGTERM.
 */

const { PORT, SERVES, DIES_AFTER_MS, DIES_ONCE_ASKED, STUBBORN } = process.env;
process.stdout.write("seeding child 40%\n");
process.stdout.write("an ordinary line\n");
process.stderr.write("a complaint\n");
if (SERVES !== "no") {
  createServer((_request, response) => {
    response.end("up", () => {
      if (DIES_ONCE_ASKED === "yes") {
        setTimeout(() => process.exit(3), 50);
      }
    });
  }).listen(Number(PORT), "127.0.0.1");
}
if (DIES_AFTER_MS !== undefined) {
  setTimeout(() => process.exit(3), Number(DIES_AFTER_MS));
}
// Without a socket nothing else would keep the process up.
setInterval(() => undefined, 60_000);
process.on("SIGTERM", () => {
  if (STUBBORN !== "yes") {
    process.exit(0);
  }
});
