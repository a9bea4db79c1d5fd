import { createServer } from "node:net";
import type { ProcessPlan } from "./processes.ts";

/**
 * Looks for ports that somebody else has, before anything starts.
 *
 * @returns One sentence for each port that can't be had; empty when all is well.
 */
export async function findTakenPorts(processes: readonly ProcessPlan[]): Promise<readonly string[]> {
  const plans = processes.flatMap((plan) => [plan.port, ...(plan.otherPorts ?? [])].map((port) => ({ ...plan, port })));
  const doubles = plans.filter(({ port }, index) => plans.findIndex((other) => other.port === port) !== index);
  const singles = plans.filter((plan) => !doubles.includes(plan));
  const faults = await Promise.all(singles.map(async (plan) => ({ plan, fault: await tryPort(plan.port) })));
  return [
    ...doubles.map(({ name, port, portSetting }) => `Port ${port} is given twice, also to ${name}. Choose another with ${portSetting}.`),
    ...faults.flatMap(({ plan: { name, port, portSetting }, fault }) =>
      fault === undefined ? [] : [`Port ${port} for ${name} ${fault}. End the program that has it, or choose another with ${portSetting}.`],
    ),
  ];
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "EADDRINUSE" ? "is in use" : `can't be opened (${error.code})`);
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(undefined)));
  });
}
