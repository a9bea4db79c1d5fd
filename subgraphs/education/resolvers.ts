import type DataLoader from "dataloader";
import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { isDistrictCode } from "../kit/keys.ts";
import { alignOne, createLoader } from "../kit/loaders.ts";
import type { SchoolLevel } from "../kit/population/study.ts";
import { dateScalar } from "../kit/scalars.ts";
import { anyOf, type SqlSource } from "../kit/sql.ts";
import type { School, Schools } from "./schools.ts";
import type { ApplicationRow, EducationTables } from "./tables.ts";

/** Loaders of one request. */
export interface EducationLoaders {
  readonly application: DataLoader<string, ApplicationRow | null>;
}

/** Makes the loaders of one request: all applications asked for in one turn are one statement. */
export function createEducationLoaders(source: SqlSource<EducationTables>): EducationLoaders {
  return {
    application: createLoader(async (numbers) => {
      const rows = await source.read(source.db.selectFrom("applications").selectAll().where("number", "=", anyOf(numbers)));
      return alignOne(numbers, rows, ({ number }) => number);
    }),
  };
}

interface Context {
  readonly education: EducationLoaders;
}

interface NumberArgument {
  readonly number: unknown;
}

interface District {
  readonly code: string;
}

interface SchoolsArguments {
  readonly level?: SchoolLevel | null;
  readonly first?: number | null;
}

const FIRST_DEFAULT = 20;
const FIRST_MAX = 300;

/** Resolvers of schema/departments/education.graphql. Fields of District resolve from the code alone; persons are references. */
export function createEducationResolvers(schools: Schools) {
  const schoolsIn = ({ code }: District, { level }: SchoolsArguments): readonly School[] =>
    level === null || level === undefined ? (schools.byDistrict.get(code) ?? []) : schools.find(level, code);
  const findSchool = (number: unknown): School | null => (typeof number === "string" ? (schools.byNumber.get(number) ?? null) : null);
  return {
    Date: dateScalar,
    Query: {
      school: (_root: unknown, { number }: NumberArgument) => findSchool(number),
      studentFinanceApplication: (_root: unknown, { number }: NumberArgument, context: Context) => findApplication(number, context),
    },
    School: {
      __resolveReference: ({ number }: NumberArgument) => findSchool(number),
      name: ({ nameEn, nameTc }: School) => ({ en: nameEn, tc: nameTc }),
      district: ({ district }: School): District => ({ code: district }),
    },
    District: {
      __resolveReference: ({ code }: { readonly code: unknown }) => (isDistrictCode(code) ? { code } : null),
      schools: (district: District, args: SchoolsArguments) => schoolsIn(district, args).slice(0, readFirst(args.first)),
      schoolCount: (district: District, args: SchoolsArguments) => schoolsIn(district, args).length,
    },
    StudentFinanceApplication: {
      __resolveReference: ({ number }: NumberArgument, context: Context) => findApplication(number, context),
      submittedOn: ({ submitted_on }: ApplicationRow) => submitted_on,
      school: ({ school }: ApplicationRow) => findSchool(school),
      student: ({ student_ref }: ApplicationRow) => ({ ref: student_ref }),
      applicant: ({ members: [applicant] }: ApplicationRow) => (applicant === undefined ? null : { ref: applicant }),
      members: ({ members }: ApplicationRow) => members.map((ref) => ({ ref })),
    },
  } satisfies Resolvers;
}

/** Texts that are no application numbers aren't looked for. */
async function findApplication(number: unknown, { education }: Context): Promise<ApplicationRow | null> {
  return typeof number === "string" && /^ED-SFA-\d{7}$/.test(number) ? await education.application.load(number) : null;
}

function readFirst(first: number | null | undefined): number {
  const count = first ?? FIRST_DEFAULT;
  if (count < 0 || count > FIRST_MAX) throw inputError(`\`first\` must be 0 to ${FIRST_MAX}.`);
  return count;
}
