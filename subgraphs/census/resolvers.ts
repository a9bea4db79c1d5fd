import { GraphQLError } from "graphql";
import { type CensusData, type DistrictRecord, foldSpelling, type YearFigures } from "./data.ts";

/** A district as other departments name it: its code is enough. */
export interface DistrictReference {
  readonly code: string;
}

interface YearArgument {
  readonly year?: number | null;
}

/** Resolvers of schema/departments/census.graphql. Every field of District resolves from the code alone. */
export function createCensusResolvers(data: CensusData) {
  const find = ({ code }: DistrictReference): DistrictRecord => {
    const record = data.byCode.get(code);
    if (record === undefined) throw new GraphQLError("There is no district with this code.", { extensions: { code: "SUBGRAPH_ERROR" } });
    return record;
  };
  return {
    Query: {
      districts: () => data.districts,
      district: (_root: unknown, { code }: DistrictReference) => data.byCode.get(code) ?? null,
      districtBySpelling: (_root: unknown, { spelling }: { readonly spelling: string }) =>
        data.bySpelling.get(foldSpelling(spelling)) ?? null,
    },
    District: {
      __resolveReference: ({ code }: DistrictReference) => data.byCode.get(code) ?? null,
      name: (district: DistrictReference) => find(district).name,
      region: (district: DistrictReference) => find(district).region,
      population: (district: DistrictReference, { year }: YearArgument) => figuresOf(find(district), year)?.population ?? null,
      medianHouseholdIncome: (district: DistrictReference, { year }: YearArgument) =>
        figuresOf(find(district), year)?.medianHouseholdIncome ?? null,
      years: (district: DistrictReference) => find(district).years,
      spellings: (district: DistrictReference) => find(district).spellings,
    },
  };
}

/** The figures of a year, of the latest when none is given. */
function figuresOf(district: DistrictRecord, year: number | null | undefined): YearFigures | undefined {
  return year === null || year === undefined ? district.years[0] : district.years.find((figures) => figures.year === year);
}
