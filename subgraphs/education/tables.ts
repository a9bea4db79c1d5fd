import { insertRows, withProgress } from "../kit/migrate.ts";
import type { TablesPlan } from "../kit/open.ts";
import { type StudyRecord, type StudyStatus, studiesOf } from "../kit/population/study.ts";
import type { Schools } from "./schools.ts";

/** Tables of the department. */
export interface EducationTables {
  readonly applications: ApplicationRow;
}

/** One application for student finance. */
export interface ApplicationRow {
  readonly number: string;
  /** ISO day. */
  readonly submitted_on: string;
  readonly status: StudyStatus;
  /** Number of the school; null where the district has none of the level. */
  readonly school: string | null;
  readonly student_ref: string;
  /** References of the household's members, the applicant first. */
  readonly members: readonly string[];
}

/** The department's tables, filled with the synthetic population's applications, whose schools are real ones. */
export function createEducationTables(schools: Schools): TablesPlan<EducationTables> {
  return {
    department: "education",
    migrations: [
      {
        number: 1,
        name: "applications",
        statements: [
          `create table applications (
            number text primary key,
            submitted_on date not null,
            status text not null,
            school text,
            student_ref text not null,
            members text[] not null check (cardinality(members) between 1 and 6)
          )`,
          "comment on table applications is 'synthetic: made by a seeded program, no row stands for a real household'",
        ],
      },
    ],
    fill: async (tx, population, progress) => {
      const applications = [...studiesOf(population)];
      const rows = applications.map((application) => toRow(application, schools));
      await insertRows(tx, "applications", withProgress(rows, rows.length, progress));
    },
  };
}

function toRow(application: StudyRecord, schools: Schools): Readonly<Record<keyof ApplicationRow, unknown>> {
  const { level, district, share } = application.school;
  const choice = schools.find(level, district);
  return {
    number: application.number,
    submitted_on: application.submittedOn,
    status: application.status,
    school: choice[Math.floor(share * choice.length)]?.number ?? null,
    student_ref: application.studentRef,
    members: application.memberRefs,
  };
}
