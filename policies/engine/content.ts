import type { Agreement, Mention } from "./bundle.ts";
import type { Plain } from "./canonical.ts";
import { conditionKey } from "./condition.ts";
import type { Condition, Mask } from "./words.ts";

/** All that an agreement says, without the places where it says it. */
export function agreementContent(agreement: Agreement): Plain {
  const { legalBasis, limits, matching } = agreement;
  return {
    ...agreement,
    place: undefined,
    legalBasis: legalBasis === undefined ? undefined : { ...legalBasis },
    valid: { ...agreement.valid },
    approvals: agreement.approvals.map((approval) => ({ ...approval })),
    shares: agreement.shares.map(({ coordinate, mask, why, declassifies }) => ({
      coordinate,
      mask: maskContent(mask),
      why,
      declassifies: namesOf(declassifies),
    })),
    arguments: namesOf(agreement.arguments),
    withholds: namesOf(agreement.withholds),
    where: conditionsContent(agreement.where.map(({ condition }) => condition)),
    limits: limits === undefined ? undefined : { ...limits },
    matching: matching === undefined ? undefined : { ...matching },
  };
}

/** A mask as plain data. */
export function maskContent(mask: Mask | undefined): Plain {
  if (mask === undefined) return undefined;
  return mask.kind === "band" ? { kind: mask.kind, bands: mask.bands.map((band) => ({ ...band })) } : { ...mask };
}

/** Conditions as texts of which equal ones are equal. */
export function conditionsContent(conditions: readonly Condition[] | undefined): Plain {
  return conditions === undefined || conditions.length === 0 ? undefined : conditions.map(conditionKey).sort();
}

function namesOf(mentions: readonly Mention[]): readonly string[] {
  return mentions.map(({ coordinate }) => coordinate);
}
