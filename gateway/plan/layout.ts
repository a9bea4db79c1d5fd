import type { GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { Kind } from "graphql";
import type { SetConditions } from "../core/conditions.ts";
import { unreachable } from "../core/errors.ts";
import type { Attachment, FetchPlan, FetchStep, Step, Way } from "../core/layout.ts";
import type { ArrangedOperation } from "./arrange.ts";
import { type Call, readCall, usedVariables } from "./calls.ts";
import { coordinatesOf } from "./coordinates.ts";
import { checkDelivered } from "./delivered.ts";
import type { AskedKey, AskedKeys } from "./keys.ts";
import type { BatchFetchNode, EntityRequest, FetchNode, FlattenNodePathSegment, PlanNode } from "./nodes.ts";
import { batchRequestsOf, entityRequestOf, rootRenamesOf, unsupported } from "./nodes.ts";
import type { PlaceDraft, PlaceFactory, Rename } from "./places.ts";
import { addSlot, createPlaceFactory, readSelections } from "./places.ts";
import { resolveWays } from "./ways.ts";
import { widenRequires } from "./widen.ts";

interface Draft {
  readonly schema: GraphQLSchema;
  readonly publicKeys: ReadonlyMap<string, string>;
  readonly askedKeys: AskedKeys;
  readonly factory: PlaceFactory;
  readonly root: PlaceDraft;
  readonly fetches: FetchStep[];
  attachmentCount: number;
  source: FetchStep | undefined;
}

/** What a plan is read with. */
export interface LayoutOptions {
  /** The API schema, to name the coordinates that each call selects. */
  readonly schema: GraphQLSchema;
  /** The planned operation; undefined when there is none. */
  readonly arranged: ArrangedOperation | undefined;
  readonly set: SetConditions;
}

/**
 * Reads a planner's tree into the hub's own words: an order of calls, and for each position of the answer the calls
 * that contribute to it.
 *
 * @param node The planner's tree; undefined when there is nothing to fetch.
 * @throws {HubError} OPERATION_NOT_SUPPORTED for a form of plan that the hub does not run.
 */
export function layOut(node: PlanNode | undefined, { schema, arranged, set }: LayoutOptions): FetchPlan {
  const factory = createPlaceFactory();
  const { publicKeys, askedKeys } = arranged ?? { publicKeys: new Map(), askedKeys: new Map() };
  const draft: Draft = {
    schema,
    publicKeys,
    askedKeys,
    factory,
    root: factory.create(),
    fetches: [],
    attachmentCount: 0,
    source: undefined,
  };
  const step = node === undefined ? undefined : stepOf(draft, node, { path: undefined, earlier: new Set() });
  const { root, fetches, attachmentCount, source } = draft;
  return { root, step, source, fetches, attachmentCount, set };
}

interface Site {
  /** Path of the `Flatten` around the node. */
  readonly path: readonly FlattenNodePathSegment[] | undefined;
  readonly earlier: ReadonlySet<number>;
}

function stepOf(draft: Draft, node: PlanNode, site: Site): Step | undefined {
  switch (node.kind) {
    case "Fetch":
      return fetchStep(draft, node, site);
    case "BatchFetch":
      return batchStep(draft, node, site);
    case "Flatten":
      return stepOf(draft, node.node, { ...site, path: [...(site.path ?? []), ...node.path] });
    case "Sequence":
      return sequenceStep(draft, node.nodes, site);
    case "Parallel": {
      const steps = node.nodes.flatMap((child) => stepOf(draft, child, site) ?? []);
      return steps.length === 0 ? undefined : { kind: "parallel", steps };
    }
    case "Condition":
      throw unsupported("a condition of the planner's own");
    case "Subscription":
      // Its events come from outside; only what follows is run, once for each event.
      draft.source = fetchStep(draft, node.primary, site);
      return undefined;
    case "Defer":
      throw unsupported("@defer");
    default:
      return unreachable(node);
  }
}

function sequenceStep(draft: Draft, nodes: readonly PlanNode[], site: Site): Step {
  const earlier = new Set(site.earlier);
  const steps: Step[] = [];
  for (const node of nodes) {
    const firstId = draft.fetches.length;
    const step = stepOf(draft, node, { path: site.path, earlier: new Set(earlier) });
    for (let id = firstId; id < draft.fetches.length; id += 1) earlier.add(id);
    if (step !== undefined) steps.push(step);
  }
  return { kind: "sequence", steps };
}

function fetchStep(draft: Draft, node: FetchNode, site: Site): FetchStep {
  if (node.requires !== undefined && node.requires.length > 0)
    return entityStep(draft, node, { site, requests: [entityRequestOf(node, site.path ?? [])] });
  const fetchId = draft.fetches.length;
  const call = readCall(node.operation);
  const reentry = site.path === undefined ? undefined : resolveWays(draft.root, site.path);
  for (const place of reentry === undefined ? [draft.root] : reentry.map((way) => endOf(draft, way))) {
    const slot = addSlot(place, fetchId, { kind: reentry === undefined ? "root" : "reentry" });
    const reader = { factory: draft.factory, fetchId, renames: rootRenamesOf(node), publicKeys: draft.publicKeys };
    readSelections(reader, { place, slot, typeConditions: [], sourcePath: "" }, call.operation.selectionSet);
  }
  const renames = rootRenamesOf(node);
  const affectedPaths = rootPaths(call.operation.selectionSet, pathOf(draft, site.path ?? []), renames);
  return finishFetch(draft, node, { site, call, attachments: [], reentry, affectedPaths, renames });
}

function batchStep(draft: Draft, node: BatchFetchNode, site: Site): FetchStep {
  return entityStep(draft, node, { site, requests: batchRequestsOf(node) });
}

interface EntityStepOptions {
  readonly site: Site;
  readonly requests: readonly EntityRequest[];
}

function entityStep(draft: Draft, node: FetchNode | BatchFetchNode, { site, requests }: EntityStepOptions): FetchStep {
  const fetchId = draft.fetches.length;
  const call = readCall(node.operation);
  const attachments = requests.map((request) => attach(draft, { request, fetchId, operation: call.operation, earlier: site.earlier }));
  const renames = requests.flatMap((request) => request.renames);
  return finishFetch(draft, node, { site, call, attachments, reentry: undefined, affectedPaths: [], renames });
}

interface AttachOptions {
  readonly request: EntityRequest;
  readonly fetchId: number;
  readonly operation: OperationDefinitionNode;
  readonly earlier: ReadonlySet<number>;
}

function attach(draft: Draft, { request, fetchId, operation, earlier }: AttachOptions): Attachment {
  const attachmentId = draft.attachmentCount;
  draft.attachmentCount += 1;
  const resolved = request.paths.flatMap((path) => resolveWays(draft.root, path).map((way) => ({ way, path: pathOf(draft, path) })));
  const ways = resolved.map(({ way }) => way);
  const selections = entitySelections(operation, request.responseKey);
  for (const way of ways) {
    const place = endOf(draft, way);
    const anchors = place.slots.filter((slot) => earlier.has(slot.fetchId)).map((slot) => slot.index);
    const slot = addSlot(place, fetchId, { kind: "entity", attachmentId, anchors });
    if (slot.entries.length > 0) continue;
    const reader = { factory: draft.factory, fetchId, renames: request.renames, publicKeys: draft.publicKeys };
    readSelections(reader, { place, slot, typeConditions: [], sourcePath: "" }, selections);
  }
  const { responseKey, variableName, fixedValues } = request;
  for (const way of ways) checkDelivered(endOf(draft, way), request.requires, earlier);
  const requires = widenRequires({ request, selections, schema: draft.schema, askedKeys: draft.askedKeys });
  return {
    id: attachmentId,
    responseKey,
    variableName,
    ways,
    wayPaths: resolved.map(({ path }) => path),
    requires,
    fixedValues,
  };
}

interface FinishOptions {
  readonly site: Site;
  readonly call: Call;
  readonly attachments: readonly Attachment[];
  readonly reentry: readonly Way[] | undefined;
  readonly affectedPaths: readonly (readonly string[])[];
  readonly renames: readonly Rename[];
}

function finishFetch(draft: Draft, node: FetchNode | BatchFetchNode, options: FinishOptions): FetchStep {
  const { site, call, attachments, reentry, affectedPaths } = options;
  const used = usedVariables(call.operation);
  const publicKeyOf = (key: string): string => draft.publicKeys.get(key) ?? key;
  const answerKeys = new Map(draft.publicKeys);
  for (const { sourcePath, responseKey } of options.renames) answerKeys.set(lastKeyOf(sourcePath), publicKeyOf(responseKey));
  const step: FetchStep = {
    kind: "fetch",
    id: draft.fetches.length,
    subgraph: node.serviceName,
    operationKind: node.operationKind ?? "query",
    text: call.text,
    variableNames: (node.variableUsages ?? []).filter((name) => used.has(name)),
    attachments,
    reentry,
    earlier: site.earlier,
    affectedPaths: affectedPaths.map((path) => path.map(publicKeyOf)),
    answerKeys,
    ...coordinatesOf(draft.schema, call.operation),
  };
  draft.fetches.push(step);
  return step;
}

function lastKeyOf(sourcePath: string): string {
  return sourcePath.slice(sourcePath.lastIndexOf("/") + 1);
}

function endOf(draft: Draft, way: Way): PlaceDraft {
  // Ways are made of the draft's own places, which are drafts.
  return (way.at(-1)?.place ?? draft.root) as PlaceDraft;
}

function entitySelections(operation: OperationDefinitionNode, responseKey: string): SelectionSetNode {
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== Kind.FIELD || (selection.alias?.value ?? selection.name.value) !== responseKey) continue;
    if (selection.selectionSet !== undefined) return selection.selectionSet;
  }
  throw unsupported("entities that its call does not select");
}

/** The answer's path of a planner's, which has one "@" for lists in lists too. */
function pathOf(draft: Draft, path: readonly FlattenNodePathSegment[]): string[] {
  let keys: AskedKeys | undefined = draft.askedKeys;
  let isKnown = true;
  return path.flatMap((segment) => {
    if (segment === "@") return isKnown ? [] : ["@"];
    if (!("Field" in segment)) return [];
    const found: AskedKey | undefined = keys?.get(segment.Field);
    isKnown = found !== undefined;
    keys = found?.below;
    return [draft.publicKeys.get(segment.Field) ?? segment.Field, ...new Array<string>(found?.depth ?? 0).fill("@")];
  });
}

function rootPaths(selections: SelectionSetNode, prefix: readonly string[], renames: readonly Rename[]): string[][] {
  return selections.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootPaths(selection.selectionSet, prefix, renames);
    if (selection.kind !== Kind.FIELD || selection.name.value === "__typename") return [];
    const key = selection.alias?.value ?? selection.name.value;
    return [[...prefix, renames.find((rename) => rename.sourcePath === key)?.responseKey ?? key]];
  });
}
