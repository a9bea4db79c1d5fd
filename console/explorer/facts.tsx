import type { ExplorerPurpose } from "../pages.ts";

/** What the user says of the requests to come. */
export interface Facts {
  readonly purpose: string;
  readonly caseReference: string;
  readonly onDenied: string;
}

/** What the form needs to know. */
export interface FactsFormProps {
  readonly purposes: readonly ExplorerPurpose[];
  readonly facts: Facts;
  readonly onChange: (facts: Facts) => void;
}

/** The row of fields that say what a request is for. Each becomes a header of the request. */
export function FactsForm({ purposes, facts, onChange }: FactsFormProps) {
  return (
    <form className="facts" aria-label="What this request is for" onSubmit={(event) => event.preventDefault()}>
      <label>
        Purpose
        <select value={facts.purpose} onChange={(event) => onChange({ ...facts, purpose: event.target.value })}>
          {purposes.map(({ code, title }) => (
            <option key={code} value={code}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Case reference
        <input
          value={facts.caseReference}
          onChange={(event) => onChange({ ...facts, caseReference: event.target.value })}
          placeholder="none"
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
        />
      </label>
      <label>
        Fields not shared with you
        <select value={facts.onDenied} onChange={(event) => onChange({ ...facts, onDenied: event.target.value })}>
          <option value="withhold">leave out and explain</option>
          <option value="refuse">refuse the request</option>
        </select>
      </label>
      <p className="hint">In the editor, Ctrl+M lets the Tab key move on.</p>
    </form>
  );
}
