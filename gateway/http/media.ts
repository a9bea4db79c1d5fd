import { HubError } from "../core/errors.ts";

/** How an answer is sent. */
export interface Media {
  readonly contentType: string;
  /**
   * Whether the caller asked for plain JSON by name. Errors of the operation then have status 200, as readers of that type expect it; a caller
   * who leaves the type open gets the code's own status.
   */
  readonly isLegacy: boolean;
}

const JSON_TYPE = "application/json";
const GRAPHQL_TYPE = "application/graphql-response+json";

const open: Media = { contentType: `${JSON_TYPE}; charset=utf-8`, isLegacy: false };

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * Chooses the media type of an answer. Of equally good ones the first counts; a range such as `*` means plain JSON.
 *
 * @param accept The `Accept` header.
 * @throws {HubError} NOT_ACCEPTABLE when the caller takes neither; to be called before anything runs.
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
 */
export function chooseMedia(accept: string | undefined): Media {
  if (accept === undefined || accept.trim() === "") return open;
  let best: (Range & { readonly media: Media }) | undefined;
  const refused = new Set<string>();
  for (const range of rangesOf(accept)) {
    const media = mediaOf(range.type);
    if (range.quality === 0) refused.add(range.type);
    else if (media !== undefined && (best === undefined || range.quality > best.quality)) best = { ...range, media };
  }
  if (best !== undefined && !(best.media === open && refused.has(JSON_TYPE))) return best.media;
  throw new HubError("NOT_ACCEPTABLE", `The hub answers in \`${GRAPHQL_TYPE}\` or \`${JSON_TYPE}\`; accept one of them.`);
}

function rangesOf(accept: string): readonly Range[] {
  return accept.split(",").map((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const quality = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1");
    return { type, quality: Number.isFinite(quality) ? quality : 0 };
  });
}

function mediaOf(type: string): Media | undefined {
  if (type === GRAPHQL_TYPE) return { contentType: `${GRAPHQL_TYPE}; charset=utf-8`, isLegacy: false };
  if (type === JSON_TYPE) return { contentType: `${JSON_TYPE}; charset=utf-8`, isLegacy: true };
  return type === "*/*" || type === "application/*" ? open : undefined;
}
