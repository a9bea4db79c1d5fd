import { useState } from "react";
import { findLists, writeCsv } from "../csv.ts";
import type { Answer } from "./request.ts";

/** The strip under the result: what was given, what was held back, and the answer's lists as CSV files. */
export function ResultFooter({ answer }: { readonly answer: Answer | undefined }) {
  const lists = findLists(answer?.data);
  const [chosen, setChosen] = useState("");
  const list = lists.find(({ path }) => path.join(".") === chosen) ?? lists[0];
  const download = (): void => saveCsv(list?.path.at(-1) ?? "result", list?.rows ?? []);
  return (
    <div className="result-footer">
      <p role="status">{describeAnswer(answer)}</p>
      <div className="download">
        {list !== undefined && (
          <label>
            List
            <select value={list.path.join(".")} onChange={(event) => setChosen(event.target.value)}>
              {lists.map(({ path, rows }) => (
                <option key={path.join(".")} value={path.join(".")}>
                  {path.join(" > ")} ({rows.length})
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" className="secondary" disabled={list === undefined} onClick={download}>
          Download CSV
        </button>
      </div>
    </div>
  );
}

function describeAnswer(answer: Answer | undefined): string {
  if (answer === undefined) {
    return "Run an operation to see its result.";
  }
  const errors = answer.errors ?? [];
  const withheld = errors.filter((error) => error.extensions?.["coordinate"] !== undefined).length;
  const agreements = listOfBasis(answer, "agreements");
  const parts = [
    agreements.length > 0 ? `Under ${agreements.join(", ")}` : "",
    countOf(listOfBasis(answer, "masks").length, "field masked", "fields masked"),
    countOf(withheld, "field withheld", "fields withheld"),
    countOf(errors.length - withheld, "error", "errors"),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "Answered in full, from open data." : `${parts.join(" · ")}.`;
}

/** A list of what the hub says its answer rests on. */
function listOfBasis(answer: Answer, key: "agreements" | "masks"): readonly string[] {
  const basis = answer.extensions?.["hub"];
  const list = typeof basis === "object" && basis !== null ? (basis as Readonly<Record<string, unknown>>)[key] : undefined;
  return Array.isArray(list) ? list.map(String) : [];
}

function countOf(count: number, one: string, many: string): string {
  return count === 0 ? "" : `${count} ${count === 1 ? one : many}`;
}

function saveCsv(name: string, rows: readonly unknown[]): void {
  const url = URL.createObjectURL(new Blob([writeCsv(rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.csv`;
  link.click();
  // The browser has its own hold on the data once the download has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
