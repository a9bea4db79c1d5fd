import { useCallback, useState } from "react";
import type { ExplorerCaller, ExplorerSettings } from "../pages.ts";
import { Desk } from "./desk.tsx";
import { type Session, startSignIn } from "./session.ts";
import { clearTabStorage } from "./storage.ts";

/** What the application starts with. */
export interface AppProps {
  readonly settings: ExplorerSettings;
  readonly initialSession: Session | undefined;
  /** A message for the user, when a sign-in has just failed. */
  readonly initialNotice: string;
}

/** The whole page: a bar that says who is here, and either the choice of sign-ins or the desk. */
export function App({ settings, initialSession, initialNotice }: AppProps) {
  const [session, setSession] = useState(initialSession);
  const [notice, setNotice] = useState(initialNotice);
  const caller = settings.callers.find(({ clientId }) => clientId === session?.clientId);
  const expire = useCallback((): void => {
    setSession(undefined);
    setNotice("Your sign-in has ended. Sign in again to go on; your operations are still here.");
  }, []);
  const signOut = (): void => {
    clearTabStorage();
    setSession(undefined);
    setNotice("You are signed out.");
  };
  const signIn = (clientId: string): void => {
    startSignIn(settings, clientId).catch((error: unknown) => setNotice(error instanceof Error ? error.message : String(error)));
  };

  return (
    <>
      <header className="bar">
        <h1>
          <span className="mark" aria-hidden="true" />
          Crossharbour <small>data explorer</small>
        </h1>
        {session !== undefined && caller !== undefined && (
          <div className="who">
            <span>
              Signed in as <strong>{session.name}</strong> · {caller.title}
            </span>
            <button type="button" className="secondary" onClick={signOut}>
              Sign out
            </button>
          </div>
        )}
      </header>
      <main>
        {session !== undefined && caller !== undefined ? (
          <Desk key={caller.clientId} settings={settings} caller={caller} session={session} onExpired={expire} />
        ) : (
          <SignIn callers={settings.callers} notice={notice} onChoose={signIn} />
        )}
      </main>
    </>
  );
}

interface SignInProps {
  readonly callers: readonly ExplorerCaller[];
  readonly notice: string;
  readonly onChoose: (clientId: string) => void;
}

function SignIn({ callers, notice, onChoose }: SignInProps) {
  return (
    <section className="sign-in" aria-labelledby="sign-in-title">
      <h2 id="sign-in-title">Sign in to explore the city's data</h2>
      <p>You see the fields that are open to everyone, and those that an agreement shares with your bureau for the purpose you name.</p>
      {notice !== "" && (
        <p className="notice" role="alert">
          {notice}
        </p>
      )}
      <ul>
        {callers.map(({ clientId, title, purposes }) => (
          <li key={clientId}>
            <button type="button" onClick={() => onChoose(clientId)}>
              Sign in: {title}
            </button>
            <span>{purposes.map((purpose) => purpose.title).join(", ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
