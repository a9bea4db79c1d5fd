import { checkCases } from "../policies/engine/cases.ts";
import type { Shell } from "./command.ts";
import { readOptions } from "./command.ts";
import { FOLDER_USAGE, folderOptions, loadCommitted, placeIn, readFolders } from "./folders.ts";
import { FORMAT_USAGE, formatOption, printRows, readFormat } from "./output.ts";

const USAGE = `Usage: hub cases [--format FORMAT] [--schema DIR] [--policies DIR]

Asks the questions of cases/*.yaml and compares the decisions with those that their authors expect. Exits with 1 when one differs, and when
there is no question.
${FORMAT_USAGE}${FOLDER_USAGE}`;

const COLUMNS = ["result", "title", "coordinate", "place", "message"];

/** `hub cases`: asks every committed question. */
export async function runCases(args: readonly string[], shell: Shell): Promise<number> {
  const values = readOptions(args, { ...folderOptions, ...formatOption }, USAGE);
  if (values.help === true) {
    shell.output(USAGE);
    return 0;
  }
  const format = readFormat(values.format, USAGE);
  const folders = readFolders(values);
  const policy = await loadCommitted(folders);
  const { asked, problems } = checkCases(policy);
  const wrong = new Map(problems.map((problem) => [`${problem.file}:${problem.line}`, problem.message]));
  const rows = policy.bundle.questions.map(({ title, coordinate, place }) => {
    const message = wrong.get(`${place.file}:${place.line}`);
    const { file, line } = placeIn(folders.policies, { ...place, message: "" });
    return { result: message === undefined ? "ok" : "WRONG", title, coordinate, place: `${file}:${line}`, message };
  });
  shell.output(printRows(COLUMNS, rows, format));
  if (format === "table") shell.output(`${asked} questions, ${problems.length} answered otherwise than expected.\n`);
  return asked > 0 && problems.length === 0 ? 0 : 1;
}
