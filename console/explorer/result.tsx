import { findFirstList, writeCsv } from "../csv.ts";
import type { Answer } from "./request.ts";

/** The strip under the result: what was given, what was held back, and the first list as a CSV file. */
export function ResultFooter({ answer }: { readonly answer: Answer | undefined }) {
  const list = findFirstList(answer?.data);
  const rows = list?.rows ?? [];
  const download = (): void => saveCsv(list?.path.at(-1) ?? "result", rows);
  return (
    <div className="result-footer">
      <p role="status">{describeAnswer(answer)}</p>
      <button type="button" className="secondary" disabled={rows.length === 0} onClick={download}>
        Download CSV{rows.length > 0 && ` (${list?.path.join(".")}, ${rows.length} rows)`}
      </button>
    </div>
  );
}

function describeAnswer(answer: Answer | undefined): string {
  if (answer === undefined) {
    return "Run an operation to see its result.";
  }
  const errors = answer.errors ?? [];
  const withheld = errors.filter((error) => error.extensions?.["coordinate"] !== undefined).length;
  const parts = [
    listAgreements(answer.extensions?.["hub"]),
    withheld > 0 ? `${withheld} ${withheld === 1 ? "field" : "fields"} withheld` : "",
    errors.length > withheld ? `${errors.length - withheld} ${errors.length - withheld === 1 ? "error" : "errors"}` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "Answered in full, from open data." : `${parts.join(" · ")}.`;
}

function listAgreements(hub: unknown): string {
  const agreements = typeof hub === "object" && hub !== null && "agreements" in hub ? hub.agreements : undefined;
  return Array.isArray(agreements) && agreements.length > 0 ? `Under ${agreements.map(String).join(", ")}` : "";
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
