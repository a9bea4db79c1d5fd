/** What may stand in a log line beside its event. */
export type Fact = string | number | boolean | null;

/** Facts with the words for what was left out. */
export type Facts = Readonly<Record<string, Fact>>;

const charsMax = 300;
const factsMax = 30;
const framesMax = 5;
const leftOut = "[left out]";

/** Names of facts whose values are never written, whatever they hold. */
const secretName = /token|secret|password|authorization|cookie|credential|private|variables|hkid|passport/i;

/** JSON Web Tokens (RFC 7519) and Hong Kong identity card numbers such as A123456(7): never written, under whatever name. */
const secretWord = /eyJ[\w-]{5,}\.[\w.-]*|\b[A-Z]{1,2}\d{6}(?:\([\dA]\)|[\dA])(?!\w)/g;

/** What follows `Bearer`, and user and password of a URL. */
const secretPlace = /\bbearer\s+\S+|(?<=:\/\/)[^\s/@]*@/gi;

/**
 * Makes facts fit to be written: flat, short, and without what a log must not hold.
 *
 * Strings are cut at 300 characters and lose tokens, passwords in URLs and identity card numbers. An error is its name, code and
 * place, never its message, which may quote data. Anything else that is not flat is named by its kind only.
 */
export function flattenFacts(facts: Readonly<Record<string, unknown>>): Facts {
  const flat = Object.create(null) as Record<string, Fact>;
  let count = 0;
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    count += 1;
    if (count > factsMax) {
      flat["factsLeftOut"] = Object.keys(facts).length - factsMax;
      break;
    }
    flat[name] = secretName.test(name) ? leftOut : flatten(value);
  }
  return flat;
}

function flatten(value: unknown): Fact {
  switch (typeof value) {
    case "string":
      return cleanText(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
      return String(value);
    default:
      return value === null ? null : describeObject(value);
  }
}

function cleanText(text: string): string {
  // Cleaned before it is cut, as half a number would not be known for one; but no more than could be shown.
  const clean = text
    .slice(0, charsMax * 4)
    .replace(secretWord, leftOut)
    .replace(secretPlace, leftOut);
  return clean.length > charsMax ? `${clean.slice(0, charsMax)}…` : clean;
}

function describeObject(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  return Array.isArray(value) ? `[list of ${value.length}]` : `[${typeof value}]`;
}

function describeError(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  // Frames begin with "at"; the lines before them repeat the message.
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const place = frames.slice(0, framesMax).map((line) => line.trim());
  return cleanText(`${error.name}${code}${place.length > 0 ? ` ${place.join(" ")}` : ""}`);
}
