/**
 * Records that every population has, whatever its seed and size, so that examples and guides can name them: an application of a family of
 * four whose head owns a private car with a valid licence, has been out of Hong Kong, and owns no domestic property.
 */

/** Number of the anchors' application for public rental housing. */
export const ANCHOR_APPLICATION = "HD-PRH-0000123";

/** Registration mark of the anchors' private car. */
export const ANCHOR_MARK = "AA1";

/** Unique business identifier of the company whose director is the anchors' head: a restaurant that owns a shop. */
export const ANCHOR_COMPANY = "70000123";

/** Number of the anchors' application for student finance. Of four members three consent; the fourth's consent has run out. */
export const ANCHOR_STUDY = "ED-SFA-0000123";

/** Number of an application for the Old Age Allowance. The applicant is the first person of 70 or more without an allowance, if there is one. */
export const ANCHOR_ALLOWANCE = "SW-OAA-0000123";
