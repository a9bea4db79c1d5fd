import { matchesGlob } from "node:path/posix";
import { programs, type ReservedPackage, type Room } from "../floorplan.ts";
import { listImports, resolveSpecifier } from "./imports.ts";
import type { Source, Violation } from "./source.ts";

/** The rooms and the packages that only some of their files may import. */
export interface Plan {
  readonly rooms: readonly Room[];
  readonly reservedPackages: readonly ReservedPackage[];
}

/** The room of a file: the longest path that fits. */
export function findRoom(plan: Plan, file: string): Room | undefined {
  return plan.rooms
    .filter(({ path }) => (path.endsWith("/") ? file.startsWith(path) : matchesGlob(file, path)))
    .sort((one, other) => other.path.length - one.path.length)[0];
}

/** Whether a file is a program's main. */
export function isProgram(file: string): boolean {
  return programs.some((pattern) => matchesGlob(file, pattern));
}

/** Imports that leave the floor plan, with file and line. */
export function checkImports(plan: Plan, sources: readonly Source[]): readonly Violation[] {
  return sources.flatMap((source) => {
    const room = findRoom(plan, source.path);
    if (room === undefined) {
      return [{ file: source.path, line: 1, rule: "no-room", message: "The file stands in no room of test/floorplan.ts." }];
    }
    return listImports(source).flatMap(({ specifier, line }) => {
      const problem = findProblem({ plan, room, file: source.path, specifier });
      return problem === undefined ? [] : [{ file: source.path, line, ...problem }];
    });
  });
}

interface Step {
  readonly plan: Plan;
  readonly room: Room;
  readonly file: string;
  readonly specifier: string | undefined;
}

type Problem = Pick<Violation, "rule" | "message">;

function findProblem(step: Step): Problem | undefined {
  if (step.specifier === undefined) {
    return isProgram(step.file)
      ? undefined
      : { rule: "computed-import", message: "Only a program may import what is computed at run time." };
  }
  const target = resolveSpecifier(step.file, step.specifier);
  switch (target.kind) {
    case "builtin":
      return undefined;
    case "file":
      return findFileProblem(step, target.path);
    case "package":
      return findPackageProblem(step, target.name);
  }
}

function findFileProblem({ plan, room }: Step, path: string): Problem | undefined {
  const other = findRoom(plan, path);
  if (other === room) {
    return undefined;
  }
  if (other === undefined) {
    return { rule: "no-room", message: `${path} stands in no room of test/floorplan.ts.` };
  }
  const allowed = room.imports.includes(other.path);
  return allowed ? undefined : { rule: "floor-plan", message: `${room.path} may not import ${other.path} (${path}).` };
}

function findPackageProblem({ plan, room, file }: Step, name: string): Problem | undefined {
  if (!room.packages.includes(name)) {
    return { rule: "package", message: `${room.path} may not import the package ${name}.` };
  }
  const reserved = plan.reservedPackages.find((entry) => entry.name === name);
  if (reserved === undefined || reserved.files.includes(file)) {
    return undefined;
  }
  return { rule: "reserved-package", message: `Only ${reserved.files.join(", ")} may import ${name}: ${reserved.why}.` };
}

/** Rooms of the plan that would let imports go up or sideways, or that name rooms which don't exist. */
export function checkLevels(plan: Plan): readonly string[] {
  const levels = new Map(plan.rooms.map(({ path, level }) => [path, level]));
  return plan.rooms.flatMap(({ path, level, imports }) =>
    imports.filter((other) => (levels.get(other) ?? Number.POSITIVE_INFINITY) >= level).map((other) => `${path} -> ${other}`),
  );
}

/** Import cycles among the sources, each once, named by its alphabetically first file. */
export function checkCycles(sources: readonly Source[]): readonly Violation[] {
  const graph = new Map(sources.map((source) => [source.path, listEdges(source)]));
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) {
      const cycle = trail.slice(start);
      found.push({ file: [...cycle].sort()[0] ?? file, line: 1, rule: "cycle", message: [...cycle, file].join(" -> ") });
      return;
    }
    if (!done.has(file)) {
      for (const next of graph.get(file) ?? []) {
        visit(next, [...trail, file]);
      }
      done.add(file);
    }
  };
  for (const file of graph.keys()) {
    visit(file, []);
  }
  return found;
}

/** The imports that lead from one file to another, both included; undefined when none do. */
export function findWay(sources: readonly Source[], from: string, to: string): readonly string[] | undefined {
  const graph = new Map(sources.map((source) => [source.path, listEdges(source)]));
  const waiting: (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (const way of waiting) {
    const last = way.at(-1) ?? from;
    if (last === to) {
      return way;
    }
    const next = (graph.get(last) ?? []).filter((file) => !seen.has(file));
    for (const file of next) {
      seen.add(file);
      waiting.push([...way, file]);
    }
  }
  return undefined;
}

function listEdges(source: Source): readonly string[] {
  return listImports(source).flatMap(({ specifier }) => {
    const target = specifier === undefined ? undefined : resolveSpecifier(source.path, specifier);
    return target?.kind === "file" ? [target.path] : [];
  });
}
