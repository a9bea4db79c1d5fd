import type { GraphQLScalarType } from "graphql";
import type { OpenEmbedded } from "./embedded.ts";
import type { Log } from "./log.ts";
import type { SubgraphSettings } from "./settings.ts";
import type { OnStatement } from "./sql.ts";

/** A resolver of any arguments; each department types its own. */
export type Resolver = (...args: never[]) => unknown;

/** Resolvers by type and field, as @apollo/subgraph and plain graphql-js schemas take them. A scalar stands under its own name. */
export type Resolvers = Readonly<Record<string, GraphQLScalarType | Readonly<Record<string, Resolver>>>>;

/**
 * A department that is ready to answer.
 *
 * Its resolvers work in two ways: behind `__resolveReference` in its own subgraph, and in one plain schema of all departments. So a field of
 * an entity resolves from the entity's key alone (`Person.vehicles` from `{ ref }`), and every department keeps its part of the context under
 * its own name, so that the contexts of all departments can be merged into one.
 */
export interface Department {
  /** Name of the subgraph; also the audience of the hub's calls. */
  readonly name: string;
  readonly resolvers: Resolvers;
  /** Makes the department's part of the context of one request, such as `{ transport: { vehicles: loader } }`: loaders live for one request. */
  readonly createContext: () => Readonly<Record<string, unknown>>;
  /** Gives back connections and files. May be called again. */
  readonly close: () => Promise<void>;
}

/** An embedded database that several departments use, each in a schema of its own. */
export interface SharedDatabase {
  /** Name of its folder in DATA_DIR. */
  readonly name: string;
  readonly open: OpenEmbedded;
}

/** What a department opens its sources with. */
export interface DepartmentOptions {
  readonly settings: SubgraphSettings;
  /** The clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly log: Log;
  /** A line for the person who waits, such as `seeding transport 40%`. */
  readonly say: (line: string) => void;
  /** Where its tables are when they are in no PostgreSQL server; a database of its own when not given. */
  readonly sharedDatabase?: SharedDatabase;
  /** Is told of every SQL statement that serves a request. */
  readonly onStatement?: OnStatement;
}

/** Opens a department's sources; the one function by which `subgraphs/main.ts` and tests start a department. */
export type OpenDepartment = (options: DepartmentOptions) => Promise<Department>;
