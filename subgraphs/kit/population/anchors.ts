/**
 * Records that every population has, whatever its seed and size, so that examples and guides can name them: an application of a family of
 * four whose head owns a private car with a valid licence, has been out of Hong Kong, and owns no domestic property.
 */

/** Number of the anchors' application for public rental housing. */
export const ANCHOR_APPLICATION = "HD-PRH-0000123";

/** Registration mark of the anchors' private car. */
export const ANCHOR_MARK = "AA1";
