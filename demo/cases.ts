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

/** The questions to begin with, the one that a newcomer should try first being the first. */
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

/** Questions of other departments, in the order of their numbers. */
export const departmentCases: readonly DemoCase[] = [
  {
    name: "case2",
    title: "Declarations of 1,000 households held against the Land Registry, as the housing application",
    clientId: "housing-app",
    purpose: "tenancy-declaration",
    caseReference: "HD-DECL-202611",
  },
  {
    name: "case3",
    title: "Vehicle licence renewal, as the Transport Department's application",
    clientId: "transport-licensing",
    purpose: "vehicle-licensing",
    caseReference: undefined,
  },
  {
    name: "case4",
    title: "Student finance means test with the members' consent, as the Education Bureau's application",
    clientId: "student-finance",
    purpose: "student-finance",
    caseReference: "ED-SFA-0000123",
  },
  {
    name: "case5",
    title: "Licence of a restaurant's company, as the Food and Environmental Hygiene Department's application",
    clientId: "food-licensing",
    purpose: "company-licence",
    caseReference: "FE-LIC-0000123",
  },
  {
    name: "case6",
    title: "Residence test of the Old Age Allowance, as the Social Welfare Department's application",
    clientId: "welfare-app",
    purpose: "old-age-allowance",
    caseReference: "SW-OAA-0000123",
  },
];

const operationsDirectory = new URL("operations/", import.meta.url);

/** Reads the operations and variables of the demonstration's questions. */
export async function loadCases(): Promise<readonly LoadedCase[]> {
  return await Promise.all(
    [...demoCases, ...departmentCases].map(async (demoCase) => ({
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
