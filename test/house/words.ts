import type { Violation } from "./source.ts";

/** A word that committed text must not hold. */
interface BannedWord {
  readonly pattern: RegExp;
  readonly why: string;
  /** Whether generated lock files are looked at too: their hashes may hold any letters, but no address. */
  readonly inLockFiles: boolean;
}

/** Text with its path from the root of the tree. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

const bannedWords: readonly BannedWord[] = [
  { pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/, why: "Do it, or say in full what is left out.", inLockFiles: false },
  { pattern: /not (?:yet )?implemented/i, why: "Leave it out until it works.", inLockFiles: false },
  {
    pattern: /\b(?:registry\.|(?:deb|security)\.debian|files\.pythonhosted|static\.crates)[a-z0-9.-]*\.(?:org|com|io)\b/i,
    why: "Which package registry serves a machine is that machine's setting.",
    inLockFiles: true,
  },
  { pattern: /(?<![\w.~-])\/(?:work|root|Users)\//, why: "This is a path of one machine.", inLockFiles: true },
  { pattern: /(?<![\w.~-])\/home\/[a-z]/, why: "This is a path of one machine.", inLockFiles: true },
  { pattern: /\bissues? (?:#?\d|on |show)|\bissue tracker/i, why: "Say the thing itself; trackers come and go.", inLockFiles: false },
  {
    pattern: /\b(?:this|an? (?:earlier|later|previous|other)|the (?:next|last|previous)) (?:coding |work )?session\b/i,
    why: "Say the thing itself, not how it came about.",
    inLockFiles: false,
  },
  {
    pattern: /\b(?:chatgpt|claude|copilot|openai|anthropic|language models?|llms?)\b/i,
    why: "Say the thing itself, not how it came about.",
    inLockFiles: false,
  },
  { pattern: /\bshared\/design\b|\bdesign folder\b/i, why: "What the reader doesn't have is no source.", inLockFiles: false },
];

/** Places where text holds a banned word, with file and line. */
export function checkWords(files: readonly TextFile[]): readonly Violation[] {
  return files.flatMap(({ path, text }) => {
    const isLockFile = path.endsWith("package-lock.json");
    const held = bannedWords.filter(({ inLockFiles }) => inLockFiles || !isLockFile);
    return text.split("\n").flatMap((line, index) =>
      held.flatMap(({ pattern, why }) => {
        const found = pattern.exec(line);
        return found === null ? [] : [{ file: path, line: index + 1, rule: "banned-word", message: `"${found[0]}". ${why}` }];
      }),
    );
  });
}
