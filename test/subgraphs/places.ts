import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Department, DepartmentOptions, OpenDepartment } from "../../subgraphs/kit/department.ts";
import { openEmbedded } from "../../subgraphs/kit/embedded.ts";
import { createSilentLog } from "../../subgraphs/kit/log.ts";
import { readSubgraphSettings } from "../../subgraphs/kit/settings.ts";
import { startPostgres } from "../services/postgres.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";

/** A kind of database to test with. */
export interface TestPlace {
  /** Settings of a department that name an empty database. */
  newSettings(): Promise<Readonly<Record<string, string>>>;
  /** Removes the databases. */
  stop(): Promise<void>;
}

/** The kinds of databases that departments have, by name. */
export const placeKinds: readonly (readonly [name: string, start: () => Promise<TestPlace>])[] = [
  ["PostgreSQL", startServerPlace],
  ["the embedded database", startEmbeddedPlace],
];

/** A PostgreSQL server. */
export async function startServerPlace(): Promise<TestPlace> {
  const postgres = await startPostgres();
  return { newSettings: async () => ({ POSTGRES_URL: await postgres.createDatabase() }), stop: () => postgres.stop() };
}

/** Opening an embedded database takes a second or two of processor time, which a busy machine stretches. */
export const embeddedTimeoutMs = 180_000;

/** Folders for embedded databases. They share a template that is kept for later runs, because making one takes many seconds. */
export async function startEmbeddedPlace(): Promise<TestPlace> {
  const template = fileURLToPath(new URL("../../.cache/embedded-template", import.meta.url));
  await mkdir(template, { recursive: true });
  const directories: string[] = [];
  const newDirectory = async (): Promise<string> => {
    const directory = await makeDirectory("department");
    directories.push(directory);
    await symlink(template, join(directory, "template"));
    return directory;
  };
  const first = await newDirectory();
  await (await openEmbedded({ directory: join(first, "first"), templateDirectory: join(first, "template"), parsers: {} })).close();
  return {
    newSettings: async () => ({ DATA_DIR: await newDirectory() }),
    stop: async () => {
      await Promise.all(directories.splice(0).map(removeDirectory));
    },
  };
}

/** A department that was opened for a test. */
export interface Opened {
  readonly department: Department;
  /** Statements since the last call, which forgets them. */
  takeStatements(): readonly string[];
  /** What was said to the person who waits. */
  readonly said: readonly string[];
}

/** Opens a department with a small population; its statements are counted from here on. */
export async function openDepartment(
  open: OpenDepartment,
  settings: Readonly<Record<string, string>>,
  changes: Partial<Pick<DepartmentOptions, "nowMs" | "sharedDatabase">> = {},
): Promise<Opened> {
  const statements: string[] = [];
  const said: string[] = [];
  const department = await open({
    settings: readSubgraphSettings({ HUB_KEYS_FILE: "unused", POPULATION: "600", ...settings }),
    nowMs: () => Date.parse("2026-11-24T00:00:00+08:00"),
    log: createSilentLog(),
    say: (line) => said.push(line),
    onStatement: ({ sql }) => statements.push(sql),
    ...changes,
  });
  statements.length = 0;
  return { department, said, takeStatements: () => statements.splice(0) };
}
