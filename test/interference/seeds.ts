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
const writer = "gateway/project/writer.ts";

/** Leaks in what arguments may be given: a value that sorts, filters or pages tells of the field that it does so by. */
const inputLeaks: readonly Leak[] = [
  {
    name: "arguments are not judged: lists are sorted by what is hidden before anything is masked",
    edits: [{ file: judge, from: "judgeInputs(judging, argumentCoordinates(judging.inputs, coordinate, { node, field }));", to: "" }],
    seed: 1,
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
    seed: 1,
  },
  {
    name: "enum values that are written out are not judged",
    edits: [{ file: demand, from: "&& value.kind === Kind.ENUM) walk.found.push(`${nullable.name}.${value.value}`);", to: "&& false) return;" }],
    seed: 1,
  },
  {
    name: "input objects are judged at their first level only",
    edits: [{ file: demand, from: "if (field !== undefined) addValue(walk, field.type, inner);", to: "" }],
    seed: 1,
  },
  {
    name: "default values of variables are not judged",
    edits: [{ file: demand, from: "addValue(walk, type, standard);", to: "" }],
    seed: 1,
  },
  {
    name: "values of variables are not judged",
    edits: [{ file: variables, from: "if (refused.size > 0) throw argumentError(refused);", to: "" }],
    seed: 1,
  },
  {
    name: "enum values in variables are not judged",
    edits: [{ file: variables, from: 'if (typeof next.value === "string") found.add(', to: 'if (typeof next.value === "number") found.add(' }],
    seed: 1,
  },
];

/** Leaks in what of an operation is judged. */
const operationLeaks: readonly Leak[] = [
  {
    name: "a field is judged by its alias",
    edits: [
      { file: judge, from: 'const coordinate = `${parent?.name ?? ""}.${field.name}`;', to: 'const coordinate = `${parent?.name ?? ""}.${node.alias?.value ?? field.name}`;' },
      blindProjection,
    ],
    seed: 1,
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
    seed: 1,
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
    seed: 1,
  },
  {
    name: "fields are withheld at the root only",
    edits: [{ file: judge, from: '  if (decision.kind === "deny") {', to: '  if (decision.kind === "deny" && parent?.name === "Query") {' }, blindProjection],
    seed: 1,
  },
  {
    name: "a field of an interface is readable where it is readable on one of its types",
    edits: [{ file: decide, from: "return isUniform && first !== undefined ? first", to: "return first !== undefined ? first" }, blindProjection],
    seed: 1,
  },
  {
    name: "what is withheld is asked for all the same: its nulls and errors take what is around it along",
    edits: [{ file: "gateway/access/clear.ts", from: "judged.isFetching ? assemble(judged.operation, judged.fragments) : undefined", to: "judged.isFetching ? whole : undefined" }],
    seed: 1,
  },
];

/** Leaks in what agreements are taken to say. */
const agreementLeaks: readonly Leak[] = [
  {
    name: "agreements don't expire",
    edits: [{ file: terms, from: "const isLate = moment.nowMs >= terms.untilMs;", to: "const isLate = false;" }],
    seed: 1,
  },
  {
    name: "agreements hold before they begin",
    edits: [{ file: terms, from: "const isEarly = moment.nowMs < terms.fromMs;", to: "const isEarly = false;" }],
    seed: 1,
  },
  {
    name: "days are those of Greenwich",
    edits: [{ file: "policies/engine/dates.ts", from: "return Date.parse(`${day}T00:00:00+08:00`);", to: "return Date.parse(`${day}T00:00:00Z`);" }],
    seed: 1,
  },
  {
    name: "an agreement that one post alone has approved counts",
    edits: [{ file: terms, from: "if (posts.size < POSTS_MIN) gaps.push(", to: "if (posts.size < 1) gaps.push(" }],
    seed: 1,
  },
  {
    name: "cases are not asked for",
    edits: [{ file: terms, from: 'return terms.pattern === undefined || moment.matches(terms.pattern) ? "granting" : "case";', to: 'return "granting";' }],
    seed: 1,
  },
  {
    name: "an agreement for one purpose counts for all",
    edits: [{ file: terms, from: "if (terms.agreement.purpose !== moment.purpose) return", to: "if (false) return" }],
    seed: 1,
  },
  {
    name: "a share wins over what is withheld",
    edits: [{ file: decide, from: 'if (reasons.includes("WITHHELD") || grant.share === undefined) return', to: "if (grant.share === undefined) return" }],
    seed: 1,
  },
  {
    name: "what is computed from hidden inputs is released",
    edits: [{ file: decide, from: "  withholdDerived(graph, rulings);\n", to: "" }],
    seed: 1,
  },
];

/** Leaks in what is written into the answer. */
const answerLeaks: readonly Leak[] = [
  {
    name: "lists are not masked",
    edits: [{ file: writer, from: 'const mask = decision?.kind === "mask" ? decision.mask : undefined;', to: 'const mask = decision?.kind === "mask" && !isListType(field.type) ? decision.mask : undefined;' }],
    seed: 1,
  },
  {
    name: "a mask falls away under an alias",
    edits: [{ file: writer, from: 'const mask = decision?.kind === "mask" ? decision.mask : undefined;', to: 'const mask = decision?.kind === "mask" && key === name ? decision.mask : undefined;' }],
    seed: 1,
  },
  {
    name: "a stars mask shows what it hides of long texts",
    edits: [{ file: "gateway/project/mask.ts", from: 'return text.slice(0, first) + "*".repeat(length - first - last) + text.slice(length - last);', to: 'return text.slice(0, first + 1) + "*".repeat(length - first - last - 1) + text.slice(length - last);' }],
    seed: 1,
  },
  {
    name: "what a department sends along unasked is passed on",
    edits: [
      {
        file: writer,
        from: 'if (isWithheld) return isNonNullType(field.type) ? () => "nothing" : putNull;',
        to: 'if (isWithheld) return (projection, layers) => { putText(projection.sink, JSON.stringify(layers.find((layer) => layer?.[name] != null)?.[name] ?? null)); return "value"; };',
      },
    ],
    seed: 1,
  },
  {
    name: "a row that holds something hidden gets an error of its own",
    edits: [
      {
        file: writer,
        from: 'if (isWithheld) return isNonNullType(field.type) ? () => "nothing" : putNull;',
        to: 'if (isWithheld) return (projection, layers) => { if (layers.some((layer) => layer?.[name] != null)) projection.report([...site.path, key]); return putNull(projection); };',
      },
    ],
    seed: 1,
  },
  {
    name: "errors tell what a department said",
    edits: [{ file: "gateway/fetch/run.ts", from: "    ...replyProblems(fetch,", to: "    ...(reply.errors.length === 0 ? [] : [{ code: 'SUBGRAPH_ERROR', path: [], subgraph: reply.text }]), ...replyProblems(fetch," }],
    seed: 1,
  },
  {
    name: "the answer tells how much the departments sent",
    edits: [{ file: "gateway/pipeline/answer.ts", from: "hub: describeBasis(", to: "size: JSON.stringify(collected.joined).length, hub: describeBasis(" }],
    seed: 1,
  },
];

/** Leaks in conditions on objects. */
const conditionLeaks: readonly Leak[] = [
  {
    name: "conditions are not looked at",
    edits: [{ file: "gateway/project/guard.ts", from: "if (test(projection, layers)) return", to: "if (test(projection, layers) || true) return" }],
    seed: 1,
  },
  {
    name: "a condition on what is missing holds",
    edits: [
      {
        file: "policies/engine/holds.ts",
        from: "return order !== undefined && order >= 0;",
        to: "return order === undefined || order >= 0;",
      },
      {
        file: "policies/engine/holds.ts",
        from: "return order !== undefined && order < 0;",
        to: "return order === undefined || order < 0;",
      },
    ],
    seed: 1,
  },
  {
    name: "errors tell which rows a condition keeps back",
    edits: [{ file: "gateway/project/guard.ts", from: "projection.sight?.hide(layers, key);", to: "" }],
    seed: 1,
  },
];

/** Leaks between callers, and of the graph itself. */
const sharingLeaks: readonly Leak[] = [
  {
    name: "what was prepared for one bureau serves another",
    edits: [{ file: "gateway/pipeline/answer.ts", from: '${entitlement?.id ?? ""}', to: "" }],
    seed: 1,
  },
  {
    name: "bureaus that ask the same at one moment share an answer",
    edits: [{ file: "gateway/pipeline/gather.ts", from: "JSON.stringify([prepared.key,", to: "JSON.stringify([prepared.cleared.operationHash," }],
    seed: 1,
  },
  {
    name: "introspection shows what nobody shares",
    edits: [{ file: "gateway/pipeline/answer.ts", from: "if (entitlement === undefined) return options.apiSchema;", to: "return options.apiSchema;" }],
    seed: 1,
  },
  {
    name: "validation suggests names",
    edits: [{ file: "gateway/access/validate.ts", from: "hideSuggestions: true", to: "hideSuggestions: false" }],
    seed: 1,
  },
  {
    name: "coercion of variables suggests names",
    edits: [{ file: "gateway/pipeline/answer.ts", from: "hideSuggestions: true", to: "hideSuggestions: false" }],
    seed: 1,
  },
];

/** Every leak that the property must find. */
export const leaks: readonly Leak[] = [...inputLeaks, ...operationLeaks, ...agreementLeaks, ...answerLeaks, ...conditionLeaks, ...sharingLeaks];
