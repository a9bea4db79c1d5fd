import type { FetcherParams, FetcherReturnType } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ExplorerCaller, ExplorerExample, ExplorerSettings } from "../pages.ts";
import { type Facts, FactsForm } from "./facts.tsx";
import { type Answer, sendOperation } from "./request.ts";
import { ResultFooter } from "./result.tsx";
import type { Session } from "./session.ts";
import { createTabStorage } from "./storage.ts";

/** What the desk needs to know. */
export interface DeskProps {
  readonly settings: ExplorerSettings;
  readonly caller: ExplorerCaller;
  readonly session: Session;
  /** Called when the hub no longer takes the token. */
  readonly onExpired: () => void;
}

const introduction = "# Write a query here. Ctrl+Space lists the fields that are shared with you.\n";

/** The signed-in user's work place: what every request says of its purpose, and the editor. */
export function Desk({ settings, caller, session, onExpired }: DeskProps) {
  const examples = settings.examples.filter((example) => caller.purposes.some(({ code }) => code === example.purpose));
  const [facts, setFacts] = useState<Facts>({
    purpose: examples[0]?.purpose ?? caller.purposes[0]?.code ?? "",
    caseReference: examples[0]?.caseReference ?? "",
    onDenied: "withhold",
  });
  const [answer, setAnswer] = useState<Answer>();
  const latestFacts = useRef(facts);
  latestFacts.current = facts;
  const { graphqlPath } = settings;
  const { accessToken } = session;
  const { purpose } = facts;
  // A new fetcher makes the editor ask for the schema again, and the schema depends on the purpose alone.
  const fetcher = useMemo(
    () => async (params: FetcherParams) => {
      const reply = await sendOperation({ ...latestFacts.current, purpose, graphqlPath, accessToken }, params);
      if (reply.status === 401) {
        onExpired();
      }
      if (params.operationName !== "IntrospectionQuery") {
        setAnswer(reply.answer);
      }
      // GraphiQL shows what it gets; its type asks for errors as graphql-js makes them, not for those of an answer's JSON.
      return reply.answer as FetcherReturnType;
    },
    [purpose, graphqlPath, accessToken, onExpired],
  );
  const storage = useMemo(() => createTabStorage(caller.clientId), [caller.clientId]);
  useEffect(() => onExpiry(session, onExpired), [session, onExpired]);

  return (
    <>
      <FactsForm purposes={caller.purposes} facts={facts} onChange={setFacts} />
      <div className="editor">
        <GraphiQL
          fetcher={fetcher}
          storage={storage}
          forcedTheme="light"
          defaultQuery={introduction}
          // An empty list would leave the editor without any tab, which it can't draw.
          {...(examples.length === 0 ? {} : { defaultTabs: examples.map(toTab) })}
          {...firstVariables(storage, examples)}
          defaultEditorToolsVisibility="variables"
          isHeadersEditorEnabled={false}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo> </GraphiQL.Logo>
          <GraphiQL.Footer>
            <ResultFooter answer={answer} />
          </GraphiQL.Footer>
        </GraphiQL>
      </div>
    </>
  );
}

/** The editor fills in a new tab's operation by itself, but not its variables. */
function firstVariables(storage: Storage, examples: readonly ExplorerExample[]): { readonly initialVariables?: string } {
  const [first] = examples;
  return first === undefined || storage.getItem("graphiql:tabState") !== null ? {} : { initialVariables: first.variables };
}

function toTab({ operation, variables }: ExplorerExample): { readonly query: string; readonly variables: string } {
  return { query: operation, variables };
}

function onExpiry(session: Session, onExpired: () => void): () => void {
  const timer = setTimeout(onExpired, Math.max(0, session.expiresAtMs - Date.now()));
  return () => clearTimeout(timer);
}
