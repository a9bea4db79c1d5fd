/*
 * Loaded before the main of every process of the demonstration (`node --import`). It ends the process when the supervisor is
 * gone, in whatever way: the channel between the two closes even when the supervisor is killed.
 */

const stopMs = 5_000;

if (process.channel !== undefined) {
  process.once("disconnect", () => {
    setTimeout(() => process.exit(1), stopMs).unref();
    process.kill(process.pid, "SIGTERM");
  });
  // The channel alone must not keep a process up whose work is done.
  process.channel.unref();
}
