import { addDays, REFERENCE_DAY } from "./days.ts";
import { householdsOf, type Member, type Population } from "./households.ts";
import { createRandom, type Random } from "./random.ts";
import { streams } from "./streams.ts";
import { studiesOf } from "./study.ts";

/** A person's consent to one purpose, as the register of consents holds it. Synthetic. */
export interface ConsentRecord {
  readonly ref: string;
  /** Code of a purpose of policies/purposes.yaml. */
  readonly purpose: string;
  /** ISO day on which it was given. */
  readonly since: string;
  /** ISO day, the last on which it holds; the day before its withdrawal if it was withdrawn. */
  readonly until: string;
}

const STUDENT_FINANCE = "student-finance";

/** Days until the end of a school year, which is the last of August. */
const thisYear = { since: "2026-09-01", until: "2027-08-31" } as const;
const lastYear = { since: "2025-09-01", until: "2026-08-31" } as const;

/**
 * Makes the register of consents. Of the members of an application for student finance nine in ten have consented, and the consent of some of
 * these has run out. A few other persons have consented to other purposes.
 */
export function* consentsOf(population: Population): Generator<ConsentRecord, void, void> {
  const applying = new Set<string>();
  for (const { memberRefs } of studiesOf(population)) for (const ref of memberRefs) applying.add(ref);
  for (const { members, isAnchor } of householdsOf(population)) {
    for (const member of members) {
      const random = createRandom(population.seed, streams.consent, member.index);
      if (isAnchor) yield anchorConsent(members, member);
      else if (applying.has(member.ref)) yield* studentFinance(member.ref, random);
      yield* others(member.ref, random);
    }
  }
}

/** The last of the anchors' household has let the consent run out, unless there is nobody else. */
function anchorConsent(members: readonly Member[], member: Member): ConsentRecord {
  const hasRunOut = members.length > 1 && member === members.at(-1);
  return { ref: member.ref, purpose: STUDENT_FINANCE, ...(hasRunOut ? lastYear : thisYear) };
}

function* studentFinance(ref: string, random: Random): Generator<ConsentRecord, void, void> {
  if (random.chance(0.3)) yield { ref, purpose: STUDENT_FINANCE, ...lastYear };
  if (random.chance(0.85)) yield { ref, purpose: STUDENT_FINANCE, ...thisYear };
}

function* others(ref: string, random: Random): Generator<ConsentRecord, void, void> {
  for (const purpose of ["prh-eligibility", "old-age-allowance"]) {
    if (!random.chance(0.06)) continue;
    const since = random.whole(30, 700);
    yield { ref, purpose, since: addDays(REFERENCE_DAY, -since), until: addDays(REFERENCE_DAY, 365 * random.whole(1, 3) - since) };
  }
}
