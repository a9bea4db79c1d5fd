import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A question that the demonstration has ready, with all that goes with the request. */
export interface DemoCase {
  /** Name of the operation's file in demo/operations. */
  readonly name: string;
  readonly title: string;
  readonly clientId: string;
  readonly purpose: string;
  readonly caseReference: string | undefined;
}

/** A {@link DemoCase} with its operation. */
export interface LoadedCase extends DemoCase {
  readonly operation: string;
  /** JSON text. */
  readonly variables: string;
}

/** The questions, the one that a newcomer should try first being the first. */
export const demoCases: readonly DemoCase[] = [
  {
    name: "case1",
    title: "Public rental housing eligibility, as the housing application",
    clientId: "housing-app",
    purpose: "prh-eligibility",
    caseReference: "HD-PRH-0000123",
  },
  {
    name: "case7",
    title: "District profile from open data, as the statistics analyst",
    clientId: "stats-analyst",
    purpose: "open-statistics",
    caseReference: undefined,
  },
];

const operationsDirectory = new URL("operations/", import.meta.url);

/** Reads the operations and variables of the demonstration's questions. */
export async function loadCases(): Promise<readonly LoadedCase[]> {
  return await Promise.all(
    demoCases.map(async (demoCase) => ({
      ...demoCase,
      operation: await readOperationFile(`${demoCase.name}.graphql`),
      variables: await readOperationFile(`${demoCase.name}.variables.json`),
    })),
  );
}

/** The body of the HTTP request that asks the question. */
export function requestBody({ operation, variables }: LoadedCase): string {
  return JSON.stringify({ query: operation, variables: JSON.parse(variables) as unknown });
}

async function readOperationFile(name: string): Promise<string> {
  return await readFile(fileURLToPath(new URL(name, operationsDirectory)), "utf8");
}
