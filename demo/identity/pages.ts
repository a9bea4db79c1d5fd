import { createHash } from "node:crypto";
import type { DemoDesk } from "./clients.ts";

const style = `
:root { color-scheme: light; font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: #12263f; background: #eef2f6; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { background: #fff; border-radius: 12px; box-shadow: 0 8px 32px rgb(18 38 63 / 14%); width: min(26rem, 92vw); overflow: hidden; }
.banner { margin: 0; padding: .6rem 1.5rem; background: #fff3cd; color: #5c4400; font-size: .9rem; border-bottom: 1px solid #f0dc9c; }
.content { padding: 1.25rem 1.5rem 1.75rem; }
h1 { font-size: 1.35rem; margin: 0 0 .35rem; }
p { line-height: 1.5; margin: 0 0 1rem; }
button { display: block; width: 100%; text-align: left; font: inherit; font-weight: 600; padding: .8rem 1rem; margin-top: .6rem; border: 1px solid #b9c6d6;
  border-radius: 8px; background: #fff; color: #0b4f8a; cursor: pointer; }
button:hover { background: #eef5fc; border-color: #0b4f8a; }
button:focus-visible { outline: 3px solid #ffbf47; outline-offset: 2px; }
code { overflow-wrap: anywhere; }
`;

/**
 * The content security policy of the provider's own pages: no script, and the sign-in form may end at the explorer.
 *
 * @param explorerOrigin Origin that the browser is sent back to. Browsers apply `form-action` to redirects as well.
 */
export function pagePolicy(explorerOrigin: string): string {
  const styleHash = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self' ${explorerOrigin}; frame-ancestors 'none'; base-uri 'none'`;
}

/** The sign-in page of one desk as HTML. `action` is the path that the choice is posted to. */
export function signInPage(desk: DemoDesk, action: string): string {
  const choices = desk.people
    .map(({ subject, name }) => `<button name="subject" value="${escapeHtml(subject)}">${escapeHtml(name)}</button>`)
    .join("");
  return page(
    "Sign in",
    `<h1>Sign in to Crossharbour</h1>
     <p>${escapeHtml(desk.title)}. Choose who you are. There is no password, because nobody here is real.</p>
     <form method="post" action="${escapeHtml(action)}">${choices}</form>`,
  );
}

/** A page that says what went wrong. `error` is a code of OAuth 2.0. */
export function errorPage(error: string, description: string | undefined): string {
  return page(
    "Sign-in failed",
    `<h1>Sign-in failed</h1><p>${escapeHtml(description ?? "Go back to the explorer and sign in again.")}</p><p><code>${escapeHtml(error)}</code></p>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Crossharbour demonstration</title><style>${style}</style></head>
<body><main><p class="banner" role="note"><strong>Demonstration.</strong> This identity provider is for trying the hub out. Its people and their data are made up.</p>
<div class="content">${content}</div></main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
