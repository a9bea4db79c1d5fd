import type { Agreement, Bundle, Mention, Problem, Share } from "./bundle.ts";
import { checkConditions, checkInputs } from "./fit.ts";
import { compareGrants } from "./grants.ts";
import type { Graph, GraphField, PolicySchema } from "./graph.ts";
import { maskMisfit } from "./masks.ts";
import type { Terms } from "./terms.ts";
import { readTerms } from "./terms.ts";

/**
 * Holds a bundle against a graph: everything that makes it unfit to decide.
 *
 * @returns Problems in the order of the agreements; empty when the bundle is fit.
 */
export function checkBundle(bundle: Bundle, graph: Graph, schema: PolicySchema): readonly Problem[] {
  return [
    ...bundle.agreements.flatMap((agreement) => [
      ...checkAgreement(agreement, bundle, graph),
      ...checkInputs(agreement, graph),
      ...checkConditions(agreement, schema.apiSchema),
    ]),
    ...checkVersions(bundle.agreements),
    ...checkOverlaps(bundle.agreements),
    ...checkApplications(bundle),
  ];
}

/** Whether two agreements ever hold on the same day. Days of one form compare as texts. */
export function holdTogether(one: Agreement, other: Agreement): boolean {
  return one.valid.from < other.valid.until && other.valid.from < one.valid.until;
}

function checkAgreement(agreement: Agreement, bundle: Bundle, graph: Graph): readonly Problem[] {
  const problems: Problem[] = [];
  const { place, recipient, purpose } = agreement;
  if (!bundle.bureaus.has(recipient))
    problems.push({ ...place, message: `The recipient ${recipient} is not a bureau of applications.yaml.` });
  if (!bundle.purposes.has(purpose)) problems.push({ ...place, message: `The purpose ${purpose} is not in purposes.yaml.` });
  for (const share of agreement.shares) problems.push(...checkShare(agreement, share, graph));
  for (const withheld of agreement.withholds) {
    const field = checkField(agreement, withheld, graph);
    if (typeof field === "string") problems.push({ ...withheld.place, message: field });
    else if (field.isOpen)
      problems.push({ ...withheld.place, message: `${withheld.coordinate} is OPEN: every caller may read it, so it can't be withheld.` });
  }
  return problems;
}

function checkShare(agreement: Agreement, share: Share, graph: Graph): readonly Problem[] {
  const field = checkField(agreement, share, graph);
  if (typeof field === "string") return [{ ...share.place, message: field }];
  const misfit = share.mask === undefined ? undefined : maskMisfit(share.mask, field.type);
  const problems: Problem[] = misfit === undefined ? [] : [{ ...share.place, message: `${share.coordinate}: ${misfit}.` }];
  for (const { coordinate, place } of share.declassifies) {
    if (!field.requires.includes(coordinate)) {
      problems.push({ ...place, message: `${share.coordinate} is not computed from ${coordinate}, so there is nothing to declassify.` });
    }
  }
  return problems;
}

function checkField(agreement: Agreement, { coordinate }: Mention, graph: Graph): GraphField | string {
  const field = graph.fields.get(coordinate);
  if (field === undefined) {
    const type = coordinate.slice(0, coordinate.indexOf("."));
    const possible = graph.abstractTypes.get(type);
    if (possible !== undefined) return `${type} is no concrete type: name the fields of ${possible.join(", ")} instead.`;
    return `There is no field ${coordinate}.`;
  }
  if (field.owners.includes(agreement.provider)) return field;
  const owners = field.owners.length === 0 ? "nobody" : field.owners.join(", ");
  return `${agreement.provider} doesn't own ${coordinate}, so it can't decide on it: ${owners} does.`;
}

function checkVersions(agreements: readonly Agreement[]): readonly Problem[] {
  return pairsOf(agreements, (one) => one.agreement).flatMap(([one, other]) => {
    const { agreement, version, place } = other;
    if (one.version === version) return [{ ...place, message: `Version ${version} of ${agreement} stands in ${at(one)} too.` }];
    if (!holdTogether(one, other)) return [];
    return [
      {
        ...place,
        message: `Versions ${one.version} and ${version} of ${agreement} hold on the same days (the other stands in ${at(one)}).`,
      },
    ];
  });
}

/** One coordinate, granted to one recipient for one purpose by two agreements, is a mistake unless one of them is plainly the stricter. */
function checkOverlaps(agreements: readonly Agreement[]): readonly Problem[] {
  const all = agreements.map((agreement) => readTerms(agreement));
  return [...Map.groupBy(all, ({ agreement }) => `${agreement.recipient} ${agreement.purpose}`).values()].flatMap((group) => {
    const known = new Map<string, Terms[]>();
    return group.flatMap((terms) => terms.agreement.shares.flatMap((share) => checkOverlap(share, terms, known)));
  });
}

function checkOverlap(share: Share, terms: Terms, known: Map<string, Terms[]>): readonly Problem[] {
  const { coordinate, place } = share;
  const before = known.get(coordinate) ?? [];
  known.set(coordinate, [...before, terms]);
  return before.flatMap((other): readonly Problem[] => {
    const twin = other.shares.get(coordinate);
    const isApart = other.agreement.agreement === terms.agreement.agreement || !holdTogether(other.agreement, terms.agreement);
    if (twin === undefined || isApart) return [];
    const strictness = compareGrants({ share: twin, terms: other }, { share, terms });
    if (strictness === "stricter" || strictness === "looser") return [];
    const how = strictness === "equal" ? "the same way" : "under masks or conditions of which neither is the stricter";
    const where = `${twin.place.file}:${twin.place.line}`;
    return [{ ...place, message: `${coordinate} is shared by ${other.agreement.agreement} too, ${how} (${where}): keep one.` }];
  });
}

function checkApplications(bundle: Bundle): readonly Problem[] {
  return [...bundle.applications.values()].flatMap(({ client, bureau, purposes, place }) => [
    ...(bundle.bureaus.has(bureau)
      ? []
      : [{ ...place, message: `The application ${client} belongs to ${bureau}, which is not listed under bureaus.` }]),
    ...purposes
      .filter((purpose) => !bundle.purposes.has(purpose))
      .map((purpose) => ({ ...place, message: `The application ${client} names the purpose ${purpose}, which is not in purposes.yaml.` })),
  ]);
}

function pairsOf(agreements: readonly Agreement[], keyOf: (agreement: Agreement) => string): readonly (readonly [Agreement, Agreement])[] {
  const groups = Map.groupBy(agreements, keyOf);
  return [...groups.values()].flatMap((group) =>
    group.flatMap((other, index) => group.slice(0, index).map((one) => [one, other] as const)),
  );
}

function at({ place }: Agreement): string {
  return `${place.file}:${place.line}`;
}
