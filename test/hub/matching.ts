import { readFile } from "node:fs/promises";

const files = ["housing-companies-prh", "housing-immigration-prh", "housing-lands-prh", "housing-revenue-prh", "housing-transport-prh"];

/** A basis for matching, as lines of an agreement. */
export const matchingBasis = "matching: { ground: ordinance, reference: For tests }\n";

/** The committed agreements on eligibility as files of a world, with the basis for matching that questions about many households need. */
export async function readMatchedAgreements(): Promise<Readonly<Record<string, string>>> {
  const read = files.map(async (name) => {
    const path = `agreements/${name}.yaml`;
    return [path, (await readFile(new URL(`../../policies/${path}`, import.meta.url), "utf8")) + matchingBasis] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
