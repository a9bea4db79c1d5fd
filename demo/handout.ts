import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { demoCases, departmentCases, type LoadedCase, requestBody } from "./cases.ts";
import { readDirectory } from "./identity/directory.ts";
import { obtainToken } from "./identity/obtain.ts";
import { departmentKeyFile } from "./keys.ts";

/** The demo callers whose tokens are shown, with what to call them. */
export const demoCallers: readonly { readonly clientId: string; readonly title: string }[] = [
  { clientId: "housing-app", title: "Housing application" },
  { clientId: "stats-analyst", title: "Statistics analyst" },
  { clientId: "hub-auditor", title: "Auditor" },
];

/** Whose tokens the printed commands read besides. */
const commandClients: readonly string[] = [...new Set([...demoCases, ...departmentCases].map(({ clientId }) => clientId))];

/** Where things are put for the person at the terminal. */
export interface HandoutOptions {
  readonly dataDirectory: string;
  readonly hubUrl: string;
  /** Folder in which the person is; paths under it are shown relative to it. */
  readonly workingDirectory: string;
}

/**
 * Fetches a token for each demo caller and each question's client and leaves it in `tokens/<client>.jwt` (file mode 0600).
 *
 * @returns The tokens by client id.
 */
export async function writeTokens(dataDirectory: string): Promise<ReadonlyMap<string, string>> {
  const identity = await readDirectory(join(dataDirectory, "identity"));
  const directory = join(dataDirectory, "tokens");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const clients = new Set([...demoCallers.map(({ clientId }) => clientId), ...commandClients]);
  const entries = await Promise.all(
    [...clients].map(async (clientId): Promise<[string, string]> => {
      const token = await obtainToken(identity, clientId);
      await writeWhole(join(directory, `${clientId}.jwt`), token);
      return [clientId, token];
    }),
  );
  return new Map(entries);
}

/** Leaves the body of each question's request in `requests/<name>.json`. */
export async function writeRequests(dataDirectory: string, cases: readonly LoadedCase[]): Promise<void> {
  const directory = join(dataDirectory, "requests");
  await mkdir(directory, { recursive: true });
  await Promise.all(cases.map((demoCase) => writeWhole(join(directory, `${demoCase.name}.json`), requestBody(demoCase))));
}

/** The text that greets the person at the terminal when everything is up. */
export function writeWelcome(tokens: ReadonlyMap<string, string>, cases: readonly LoadedCase[], options: HandoutOptions): string {
  const lines = demoCallers.map(({ clientId, title }) => `${title} (${clientId}):\n${tokens.get(clientId) ?? "none"}`);
  const commands = cases.map((demoCase) => `${demoCase.title}:\n${writeCurl(demoCase, options)}`);
  return [
    `Explorer  ${options.hubUrl}/explorer`,
    `GraphQL   ${options.hubUrl}/graphql`,
    "",
    "Tokens of demo callers, good for an hour (`npx hub token --client <id>` makes another):",
    "",
    ...lines.flatMap((line) => [line, ""]),
    "Questions to copy and paste:",
    "",
    ...commands.flatMap((command) => [command, ""]),
    "What the Census and Statistics Department said of districts is no longer so; whoever asks next gets it fetched anew:",
    writeInvalidation(options),
    "",
    "Ctrl-C stops everything.",
  ].join("\n");
}

function writeCurl({ name, clientId, purpose, caseReference }: LoadedCase, options: HandoutOptions): string {
  const fileOf = (...parts: string[]): string => showPath(join(options.dataDirectory, ...parts), options.workingDirectory);
  const headers = [
    `-H "authorization: Bearer $(cat ${fileOf("tokens", `${clientId}.jwt`)})"`,
    "-H 'content-type: application/json'",
    `-H 'hub-purpose: ${purpose}'`,
    ...(caseReference === undefined ? [] : [`-H 'hub-case: ${caseReference}'`]),
  ];
  return `curl -s ${options.hubUrl}/graphql ${headers.join(" ")} --data-binary @${fileOf("requests", `${name}.json`)}`;
}

function writeInvalidation({ dataDirectory, hubUrl, workingDirectory }: HandoutOptions): string {
  const key = showPath(join(dataDirectory, "keys", departmentKeyFile("census")), workingDirectory);
  const order = `npx hub invalidate --subgraph census --key ${key} --type District`;
  return `curl -s ${hubUrl}/invalidate -H 'content-type: application/json' --data "$(${order})"`;
}

function showPath(path: string, workingDirectory: string): string {
  const short = relative(workingDirectory, path);
  const shown = short.startsWith("..") ? path : short;
  return /^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.tmp`, text, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}
