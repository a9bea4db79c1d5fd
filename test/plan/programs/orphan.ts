import { startPlanProcesses } from "../../../gateway/plan/processes.ts";

/* Has a planner plan what it won't be done with, and says so: `node orphan.ts SUPERGRAPH OPERATION`. */

const [supergraphSdl = "", text = ""] = process.argv.slice(2);
const engine = await startPlanProcesses({ supergraphSdl, processesMax: 1, startTimeoutMs: 20_000 });
const plan = engine.plan({ text, operationName: undefined, labels: [], roll: 50 }, 600_000);
// By then it has begun.
setTimeout(() => process.stdout.write("it plans\n"), 1_000);
await plan;
