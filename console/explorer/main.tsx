import "graphiql/style.css";
import "./explorer.css";
import { createRoot } from "react-dom/client";
import type { ExplorerSettings } from "../pages.ts";
import { App } from "./app.tsx";
import { finishSignIn, type Session } from "./session.ts";

/** Ends a sign-in if one is under way, and shows the page. */
async function main(): Promise<void> {
  const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "null") as ExplorerSettings;
  provideWorkers(settings.workers);
  const { session, notice } = await readSession(settings);
  const root = document.getElementById("explorer");
  if (root !== null) {
    createRoot(root).render(<App settings={settings} initialSession={session} initialNotice={notice} />);
  }
}

/** Monaco asks for a worker by this name. @see https://github.com/microsoft/monaco-editor/blob/main/docs/integrate-esm.md */
function provideWorkers({ editor, json, graphql }: ExplorerSettings["workers"]): void {
  Object.assign(globalThis, {
    MonacoEnvironment: {
      getWorker: (_id: string, label: string) =>
        new Worker(label === "json" ? json : label === "graphql" ? graphql : editor, { type: "module", name: label }),
    },
  });
}

async function readSession(settings: ExplorerSettings): Promise<{ readonly session: Session | undefined; readonly notice: string }> {
  try {
    return { session: await finishSignIn(settings), notice: "" };
  } catch (error) {
    return { session: undefined, notice: error instanceof Error ? error.message : String(error) };
  }
}

void main();
