// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
/** A leak on purpose: what is changed in a copy of the sources. */
export interface Leak {
  readonly name: string;
  /** Each `from` must be in its file exactly once. */
  readonly edits: readonly Edit[];
  /** The seed of the first federation that is tried. */
  readonly seed: number;
}

/** One change of a file below the repository. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The projection would null what is denied though it came through judging: without this, a leak before it shows nothing. */
const blindProjection: Edit = {
  file: "gateway/project/writer.ts",
  from: `nodes.every((asked) => withheldNodes.has(asked)) || decision?.kind === "deny"`,
  to: `nodes.every((asked) => withheldNodes.has(asked))`,
};

const judge = "gateway/access/judge.ts";
const demand = "gateway/access/demand.ts";
const variables = "gateway/access/variables.ts";
const decide = "policies/engine/decide.ts";
const terms = "policies/engine/terms.ts";

/** Leaks in what arguments may be given: a value that sorts, filters or pages tells of the field that it does so by. */
export const inputLeaks: readonly Leak[] = [
  {
    name: "arguments are not judged: lists are sorted by what is hidden before anything is masked",
    edits: [{ file: judge, from: "judgeInputs(judging, argumentCoordinates(judging.inputs, coordinate, { node, field }));", to: "" }],
    seed: 7,
  },
  {
    name: "an argument that pages passes for harmless, whatever its cursor holds",
    edits: [
      {
        file: demand,
        from: "walk.found.push(`${coordinate}(${argument.name.value}:)`);",
        to: 'if (argument.name.value !== "after") walk.found.push(`${coordinate}(${argument.name.value}:)`);',
      },
    ],
    seed: 7,
  },
  {
    name: "enum values that are written out are not judged",
    edits: [
      { file: demand, from: "&& value.kind === Kind.ENUM) walk.found.push(`${nullable.name}.${value.value}`);", to: "&& false) return;" },
    ],
    seed: 48,
  },
  {
    name: "input objects are judged at their first level only",
    edits: [{ file: demand, from: "if (field !== undefined) addValue(walk, field.type, inner);", to: "" }],
    seed: 48,
  },
  {
    name: "default values of variables are not judged",
    edits: [{ file: demand, from: "addValue(walk, type, standard);", to: "" }],
    seed: 7,
  },
  {
    name: "values of variables are not judged",
    edits: [{ file: variables, from: "if (refused.size > 0) throw argumentError(refused);", to: "" }],
    seed: 7,
  },
  {
    name: "enum values in variables are not judged",
    edits: [
      { file: variables, from: 'if (typeof next.value === "string") found.add(', to: 'if (typeof next.value === "number") found.add(' },
    ],
    seed: 116,
  },
];

/** Leaks in what of an operation is judged. */
export const operationLeaks: readonly Leak[] = [
  {
    name: "a field under an alias is not judged",
    edits: [
      {
        file: judge,
        from: "const decision = decide(judging, coordinate);",
        to: 'const decision = node.alias === undefined ? decide(judging, coordinate) : { kind: "allow", by: undefined };',
      },
      blindProjection,
    ],
    seed: 3,
  },
  {
    name: "fragments are not judged",
    edits: [
      {
        file: judge,
        from: "const cleared = clearFragment(judging, fragment);",
        to: "const cleared = fragment; judging.fragments.set(fragment.name.value, fragment); judging.fetching.add(fragment.selectionSet);",
      },
      blindProjection,
    ],
    seed: 4,
  },
  {
    name: "fragments with a type condition, as on unions, are not judged",
    edits: [
      {
        file: judge,
        from: "  const inner = node.selectionSet;\n  const left = clearSet(judging, inner, narrowed(",
        to: "  const inner = node.selectionSet;\n  if (node.typeCondition !== undefined) { judging.fetching.add(around.set); return node; }\n  const left = clearSet(judging, inner, narrowed(",
      },
      blindProjection,
    ],
    seed: 3,
  },
  {
    name: "fields are withheld at the root only",
    edits: [
      { file: judge, from: '  if (decision.kind === "deny") {', to: '  if (decision.kind === "deny" && parent?.name === "Query") {' },
      blindProjection,
    ],
    seed: 3,
  },
  {
    name: "a field of an interface is readable where it is readable on one of its types",
    edits: [
      { file: decide, from: "return isUniform && first !== undefined ? first", to: "return first !== undefined ? first" },
      blindProjection,
    ],
    seed: 25,
  },
  {
    name: "what is withheld is asked for all the same: its nulls and errors take what is around it along",
    edits: [
      {
        file: "gateway/access/clear.ts",
        from: "judged.isFetching ? assemble(judged.operation, judged.fragments) : undefined",
        to: "judged.isFetching ? whole : undefined",
      },
    ],
    seed: 4,
  },
];

/** Leaks in what agreements are taken to say. */
export const agreementLeaks: readonly Leak[] = [
  {
    name: "agreements don't expire",
    edits: [{ file: terms, from: "const isLate = moment.nowMs >= terms.untilMs;", to: "const isLate = false;" }],
    seed: 11,
  },
  {
    name: "agreements hold before they begin",
    edits: [{ file: terms, from: "const isEarly = moment.nowMs < terms.fromMs;", to: "const isEarly = false;" }],
    seed: 6,
  },
  {
    name: "days are those of Greenwich",
    edits: [
      {
        file: "policies/engine/dates.ts",
        from: "return Date.parse(`${day}T00:00:00+08:00`);",
        to: "return Date.parse(`${day}T00:00:00Z`);",
      },
    ],
    seed: 11,
  },
  {
    name: "an agreement that one post alone has approved counts",
    edits: [{ file: terms, from: "if (posts.size < POSTS_MIN) gaps.push(", to: "if (posts.size < 1) gaps.push(" }],
    seed: 3,
  },
  {
    name: "cases are not asked for",
    edits: [
      {
        file: terms,
        from: 'return terms.pattern === undefined || moment.matches(terms.pattern) ? "granting" : "case";',
        to: 'return "granting";',
      },
    ],
    seed: 26,
  },
  {
    name: "an agreement for one purpose counts for all",
    edits: [{ file: terms, from: "if (terms.agreement.purpose !== moment.purpose) return", to: "if (false) return" }],
    seed: 3,
  },
  {
    name: "a share wins over what is withheld",
    edits: [
      {
        file: decide,
        from: 'if (reasons.includes("WITHHELD") || grant.share === undefined) return',
        to: "if (grant.share === undefined) return",
      },
    ],
    seed: 17,
  },
  {
    name: "what is computed from hidden inputs is released",
    edits: [{ file: decide, from: "  withholdDerived(graph, rulings);\n", to: "" }],
    seed: 21,
  },
];
