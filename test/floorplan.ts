/** One room of the house: a folder or a file, and what its code may import. */
export interface Room {
  /** A folder that ends in "/", one file, or the files of a folder that a "*" stands for. The longest path that fits a file is its room. */
  readonly path: string;
  /** Imports go to lower levels only; rooms of one level don't import each other. */
  readonly level: number;
  /** Other rooms whose code this one may import. Its own code it always may. */
  readonly imports: readonly string[];
  /** npm packages this room may import. Node's own modules it always may. */
  readonly packages: readonly string[];
}

/** An npm package that only the named files of its room may import, and why. */
export interface ReservedPackage {
  readonly name: string;
  readonly files: readonly string[];
  readonly why: string;
}

const words = ["schema/", "policies/engine/"];
const core = [...words, "gateway/core/"];
const steps = [
  "gateway/identity/",
  "gateway/access/",
  "gateway/plan/",
  "gateway/fetch/",
  "gateway/cache/",
  "gateway/project/",
  "gateway/audit/",
  "gateway/telemetry/",
  "gateway/usage/",
];
const departments = [
  "census",
  "companies",
  "consent",
  "education",
  "environment",
  "health",
  "housing",
  "immigration",
  "lands",
  "observatory",
  "revenue",
  "transport",
  "welfare",
].map((name) => `subgraphs/${name}/`);
const gateway = [...core, ...steps, "gateway/config.ts", "gateway/pipeline/", "gateway/http/"];

/** Every room, from the bottom of the house to its top. docs/architecture.md tells the same in words. */
export const rooms: readonly Room[] = [
  { path: "schema/", level: 0, imports: [], packages: ["graphql", "jose", "lru-cache", "yaml", "zod", "@apollo/composition"] },
  { path: "policies/engine/", level: 1, imports: ["schema/"], packages: ["graphql", "yaml", "zod"] },
  { path: "gateway/core/", level: 2, imports: words, packages: ["graphql"] },
  { path: "gateway/settings.ts", level: 2, imports: [], packages: ["zod"] },
  { path: "gateway/config.ts", level: 3, imports: [...core, "gateway/settings.ts"], packages: ["zod"] },
  { path: "gateway/identity/", level: 3, imports: core, packages: ["jose", "yaml", "zod"] },
  { path: "gateway/access/", level: 3, imports: core, packages: ["graphql"] },
  { path: "gateway/plan/", level: 3, imports: core, packages: ["graphql", "lru-cache", "@graphql-hive/router-query-planner"] },
  { path: "gateway/fetch/", level: 3, imports: core, packages: ["graphql", "jose", "undici", "ws"] },
  { path: "gateway/cache/", level: 3, imports: core, packages: ["graphql", "ioredis", "jose", "lru-cache", "zod"] },
  { path: "gateway/project/", level: 3, imports: core, packages: ["graphql"] },
  { path: "gateway/audit/", level: 3, imports: core, packages: ["zod"] },
  { path: "gateway/usage/", level: 3, imports: core, packages: ["ioredis", "rate-limiter-flexible"] },
  { path: "gateway/telemetry/", level: 3, imports: core, packages: ["pino", "prom-client", "@opentelemetry/api"] },
  {
    path: "subgraphs/kit/",
    level: 3,
    imports: words,
    packages: [
      "graphql",
      "@apollo/server",
      "@apollo/subgraph",
      "@as-integrations/fastify",
      "@electric-sql/pglite",
      "dataloader",
      "fastify",
      "graphql-shield",
      "jose",
      "kysely",
      "lru-cache",
      "pg",
      "pino",
      "undici",
      "zod",
    ],
  },
  { path: "gateway/pipeline/", level: 4, imports: [...core, ...steps], packages: ["graphql", "lru-cache"] },
  { path: "console/", level: 4, imports: core, packages: ["esbuild", "zod"] },
  { path: "console/explorer/", level: 5, imports: ["console/"], packages: ["@graphiql/toolkit", "graphiql", "react", "react-dom"] },
  ...departments.map((path) => ({
    path,
    level: 4,
    imports: ["schema/", "subgraphs/kit/"],
    packages: ["dataloader", "graphql", "kysely", "zod"],
  })),
  { path: "subgraphs/main.ts", level: 5, imports: [...words, "subgraphs/kit/", ...departments], packages: ["zod"] },
  {
    path: "gateway/http/",
    level: 5,
    imports: [...core, ...steps, "gateway/config.ts", "gateway/pipeline/", "console/"],
    packages: ["fastify", "graphql", "lru-cache", "ws"],
  },
  // The programs and what builds their parts.
  { path: "gateway/*.ts", level: 6, imports: [...gateway, "console/"], packages: ["fastify", "jose", "lru-cache", "zod"] },
  {
    path: "demo/",
    level: 7,
    imports: [...gateway, "gateway/*.ts", "console/", "subgraphs/kit/", ...departments],
    packages: ["fastify", "graphql", "jose", "lru-cache", "oidc-provider", "yaml", "zod"],
  },
  {
    path: "cli/",
    level: 8,
    imports: [...gateway, "demo/", "gateway/*.ts", "console/", "subgraphs/kit/", ...departments],
    packages: ["graphql", "jose", "yaml", "zod"],
  },
];

/** Packages that a few files keep to themselves, so that they can be replaced there. */
export const reservedPackages: readonly ReservedPackage[] = [
  {
    name: "@apollo/composition",
    files: ["schema/compose.ts"],
    why: "its licence allows use at publish time; the running hub must not load it",
  },
  { name: "graphql-shield", files: ["subgraphs/kit/shield.ts"], why: "its ES modules don't load, which one file works around" },
];

/** Files that a program must not load, however many imports lie between. */
export const apart: readonly { readonly programs: readonly string[]; readonly file: string; readonly why: string }[] = [
  { programs: ["gateway/main.ts", "cli/serve.ts"], file: "schema/compose.ts", why: "the running hub must not load the composer" },
];

/** Folders whose code the floor plan holds. `bench/` and `test/` may import anything. */
export const heldFolders: readonly string[] = ["gateway", "subgraphs", "schema", "policies", "console", "cli", "demo"];

/**
 * Programs: files that start something when they are run. They alone read the environment, the clock and randomness,
 * and do work while they are loaded. A "*" stands for any one part of a path.
 */
export const programs: readonly string[] = [
  "gateway/plan/watch.ts",
  "gateway/plan/worker.ts",
  "gateway/main.ts",
  "subgraphs/main.ts",
  "schema/publish.ts",
  "console/build.ts",
  "console/explorer/main.tsx",
  "cli/hub.js",
  "cli/hub.ts",
  "demo/main.ts",
  "demo/start.js",
  "demo/tether.ts",
  "demo/*/main.ts",
];

/**
 * Rooms whose every file may read the environment, the clock and randomness: the demonstration and the explorer's pages are programs
 * through and through, and what is tested of them is tested from outside.
 */
export const freeRooms: readonly string[] = ["demo/", "console/explorer/"];
