import "graphiql/style.css";
import "./explorer.css";
import { createRoot } from "react-dom/client";
import type { ExplorerSettings } from "../pages.ts";
import { App } from "./app.tsx";
import { finishSignIn } from "./session.ts";

const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null") as ExplorerSettings;
const { editor, json, graphql } = settings.workers;

// Monaco asks for a worker by this name. @see https://github.com/microsoft/monaco-editor/blob/main/docs/integrate-esm.md
Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker: (_id: string, label: string) =>
      new Worker(label === "json" ? json : label === "graphql" ? graphql : editor, { type: "module", name: label }),
  },
});

let notice = "";
const session = await finishSignIn(settings).catch((error: unknown) => {
  notice = error instanceof Error ? error.message : String(error);
  return undefined;
});
const root = document.getElementById("explorer");
if (root !== null) {
  createRoot(root).render(<App settings={settings} initialSession={session} initialNotice={notice} />);
}
