// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
import { agreementLeaks, inputLeaks, type Leak, operationLeaks } from "./seedsin.ts";

const writer = "gateway/project/writer.ts";

/** Leaks in what is written into the answer. */
const answerLeaks: readonly Leak[] = [
  {
    name: "lists are not masked",
    edits: [
      {
        file: writer,
        from: 'const mask = decision?.kind === "mask" ? decision.mask : undefined;',
        to: 'const mask = decision?.kind === "mask" && !isListType(field.type) ? decision.mask : undefined;',
      },
    ],
    seed: 12,
  },
  {
    name: "a mask falls away under an alias",
    edits: [
      {
        file: writer,
        from: 'const mask = decision?.kind === "mask" ? decision.mask : undefined;',
        to: 'const mask = decision?.kind === "mask" && key === name ? decision.mask : undefined;',
      },
    ],
    seed: 12,
  },
  {
    name: "a stars mask shows what it hides of long texts",
    edits: [
      {
        file: "gateway/project/mask.ts",
        from: 'return text.slice(0, first) + "*".repeat(length - first - last) + text.slice(length - last);',
        to: 'return text.slice(0, first + 1) + "*".repeat(length - first - last - 1) + text.slice(length - last);',
      },
    ],
    seed: 12,
  },
  {
    name: "what a department sends along unasked is passed on",
    edits: [
      {
        file: writer,
        from: 'if (isWithheld) return isNonNullType(field.type) ? calledField(() => "nothing") : constantField("null");',
        to: 'if (isWithheld) return calledField((projection, layers) => { putSinkText(projection.sink, JSON.stringify(layers.find((layer) => layer?.[name] != null)?.[name] ?? null)); return "value"; });',
      },
    ],
    seed: 1,
  },
  {
    name: "a row that holds something hidden gets an error of its own",
    edits: [
      {
        file: writer,
        from: 'if (isWithheld) return isNonNullType(field.type) ? calledField(() => "nothing") : constantField("null");',
        to: "if (isWithheld) return calledField((projection, layers) => { if (layers.some((layer) => layer?.[name] != null)) projection.report([...site.path, key]); return putNull(projection); });",
      },
    ],
    seed: 1,
  },
  {
    name: "errors tell what a department said",
    edits: [
      {
        file: "gateway/fetch/run.ts",
        from: "    ...replyProblems(fetch,",
        to: "    ...(reply.errors.length === 0 ? [] : [{ code: 'SUBGRAPH_ERROR', path: [], subgraph: reply.text }]), ...replyProblems(fetch,",
      },
    ],
    seed: 2,
  },
  {
    name: "the answer tells how much the departments sent",
    edits: [
      {
        file: "gateway/pipeline/answer.ts",
        from: "const hub = describeBasis(prepared, collected, options.nowMs());",
        to: "const hub = { ...describeBasis(prepared, collected, options.nowMs()), size: JSON.stringify(collected.joined.rootLayers).length };",
      },
      {
        file: "gateway/pipeline/gather.ts",
        from: "const { joined, problems, passed, ...gist } = collected;",
        to: "const { joined, problems, passed } = collected; const gist = collected;",
      },
    ],
    seed: 1,
  },
];

/** Leaks in conditions on objects. */
const conditionLeaks: readonly Leak[] = [
  {
    name: "conditions are not looked at",
    edits: [
      {
        file: "gateway/project/guard.ts",
        from: "if (test(projection, layers)) return",
        to: "if (test(projection, layers) || true) return",
      },
    ],
    seed: 8,
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
    seed: 8,
  },
  {
    name: "errors tell which rows a condition keeps back",
    edits: [
      {
        file: "gateway/project/project.ts",
        from: "[...(sight === undefined ? problems : sight.keep(problems))]",
        to: "[...problems.map(({ code, path, subgraph }) => ({ code, path, subgraph }))]",
      },
    ],
    seed: 8,
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
    edits: [
      { file: "gateway/pipeline/gather.ts", from: "JSON.stringify([prepared.key,", to: "JSON.stringify([prepared.cleared.operationHash," },
    ],
    seed: 1,
  },
  {
    name: "what is kept of personal data serves every bureau",
    edits: [{ file: "gateway/cache/lookup.ts", from: 'part.isShared ? ["o", ""] : ["a", asked.asker ?? ""]', to: '["o", ""]' }],
    seed: 200,
  },
  {
    name: "what is fetched after something that conditions keep back is kept in the cache",
    edits: [
      {
        file: "gateway/fetch/run.ts",
        from: "[fetch, ...before].some((one) => bringsConditioned(one, options))",
        to: "bringsConditioned(fetch, options)",
      },
    ],
    seed: 682,
  },
  {
    name: "what conditions keep back is kept in the cache where it didn't fail",
    edits: [
      {
        file: "gateway/fetch/run.ts",
        from: "cached: isTelling ?",
        to: "cached: isTelling && before.some(({ id }) => id < 0) ?",
      },
    ],
    seed: 1820,
  },
  {
    name: "open data that was fetched together with hidden data is kept for every bureau",
    edits: [
      {
        file: "gateway/cache/compile.ts",
        from: "isShared ? found : found.map((part) => ({ ...part, isShared }))",
        to: "found",
      },
    ],
    seed: 458,
  },
  {
    name: "introspection shows what nobody shares",
    edits: [
      {
        file: "gateway/pipeline/answer.ts",
        from: "if (entitlement === undefined) return options.apiSchema;",
        to: "return options.apiSchema;",
      },
    ],
    seed: 1,
  },
  {
    name: "validation suggests names",
    edits: [{ file: "gateway/access/validate.ts", from: "hideSuggestions: true", to: "hideSuggestions: false" }],
    seed: 2,
  },
];

/** Every leak that the property must find. */
export const leaks: readonly Leak[] = [
  ...inputLeaks,
  ...operationLeaks,
  ...agreementLeaks,
  ...answerLeaks,
  ...conditionLeaks,
  ...sharingLeaks,
];
