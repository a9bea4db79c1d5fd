import type { Problem } from "./bundle.ts";
import { dayOf } from "./dates.ts";
import type { Policy } from "./policy.ts";
import { findGaps } from "./terms.ts";

/**
 * What a steward should know of a policy that is fit to decide: agreements that are inactive or over, reviews that are due, and fields
 * that are shared though they are OPEN. None of it stops the hub.
 *
 * @param nowMs Epoch milliseconds.
 */
export function listFindings(policy: Policy, nowMs: number): readonly Problem[] {
  const today = dayOf(nowMs);
  return policy.bundle.agreements.flatMap((agreement) => {
    const { place, valid, review, shares } = agreement;
    const name = `${agreement.agreement} version ${agreement.version}`;
    const findings: Problem[] = [];
    const gaps = findGaps(agreement);
    if (gaps.length > 0) findings.push({ ...place, message: `${name} is inactive: ${gaps.join(", ")}.` });
    if (valid.until <= today) findings.push({ ...place, message: `${name} is over since ${valid.until}.` });
    else if (review !== undefined && review <= today) findings.push({ ...place, message: `${name} was to be reviewed by ${review}.` });
    for (const { coordinate, place: where, declassifies } of shares) {
      if (policy.graph.fields.get(coordinate)?.isOpen !== true || declassifies.length > 0) continue;
      findings.push({ ...where, message: `${coordinate} is OPEN: every caller may read it, and ${name} adds nothing.` });
    }
    return findings;
  });
}
