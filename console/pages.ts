/** Where the explorer page and its files are served. */
export const explorerPath = "/explorer";

/** One kind of user that may sign in to the explorer, with what the hub registers for it. */
export interface ExplorerCaller {
  /** Client id of the explorer at the issuer for these users. The hub takes the bureau from it. */
  readonly clientId: string;
  /** Such as `Statistics analyst`. */
  readonly title: string;
  readonly purposes: readonly ExplorerPurpose[];
}

/** A purpose as purposes.yaml lists it. */
export interface ExplorerPurpose {
  readonly code: string;
  readonly title: string;
}

/** An operation that the explorer opens in a tab of its own. */
export interface ExplorerExample {
  readonly operation: string;
  /** JSON text. */
  readonly variables: string;
  /** Purpose that it is for. Callers who aren't registered for the purpose don't see it. */
  readonly purpose: string;
  readonly caseReference: string | undefined;
}

/** File names of a built explorer. */
export interface ExplorerBuild {
  /** Hash of all that the build was made from. */
  readonly inputHash: string;
  readonly script: string;
  readonly style: string;
  readonly editorWorker: string;
  readonly jsonWorker: string;
  readonly graphqlWorker: string;
}

/** Everything the explorer page is made from. */
export interface ExplorerOptions {
  /** Issuer of the callers' tokens (OpenID Connect Discovery 1.0). */
  readonly issuer: string;
  readonly callers: readonly ExplorerCaller[];
  readonly examples: readonly ExplorerExample[];
  /** Path of the GraphQL endpoint at the page's own origin. */
  readonly graphqlPath: string;
  readonly build: ExplorerBuild;
}

/** What the page's script reads from the page. */
export interface ExplorerSettings {
  readonly issuer: string;
  readonly callers: readonly ExplorerCaller[];
  readonly examples: readonly ExplorerExample[];
  readonly graphqlPath: string;
  readonly explorerPath: string;
  /** Addresses of the editor's workers. */
  readonly workers: { readonly editor: string; readonly json: string; readonly graphql: string };
}

/** The explorer page as HTML. It holds no inline script: the settings are a data block. */
export function explorerPage(options: ExplorerOptions): string {
  const { build, issuer, callers, examples, graphqlPath } = options;
  const addressOf = (file: string): string => `${explorerPath}/assets/${file}`;
  const settings: ExplorerSettings = {
    issuer,
    callers,
    examples,
    graphqlPath,
    explorerPath,
    workers: { editor: addressOf(build.editorWorker), json: addressOf(build.jsonWorker), graphql: addressOf(build.graphqlWorker) },
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Crossharbour explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${addressOf(build.style)}">
<script type="application/json" id="settings">${writeDataBlock(settings)}</script>
<script type="module" src="${addressOf(build.script)}"></script>
</head>
<body>
<div id="explorer"></div>
<noscript>The explorer needs JavaScript. The hub's GraphQL endpoint works without it.</noscript>
</body>
</html>
`;
}

/**
 * The Content-Security-Policy header of the explorer page. The editor (monaco) sets style attributes and elements while it
 * runs, so styles can't be restricted to files; scripts and workers are, and data can only go to the hub and the issuer.
 */
export function explorerPolicy(issuer: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** JSON that can stand in a script element: nothing in it can close the element or open a comment. */
function writeDataBlock(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
