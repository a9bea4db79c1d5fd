import { z } from "zod";
import { agreementShape, applicationsShape, purposesShape, questionsShape } from "./shape.ts";

/** A JSON Schema file for editors. */
export interface EditorSchema {
  /** File name below `policies/schema/`. */
  readonly name: string;
  readonly text: string;
}

/**
 * The shapes of the policy files as JSON Schema, so that editors name keys and explain them. What a schema can't say (days that exist,
 * fields that the graph has) `hub check` says.
 */
export function renderEditorSchemas(): readonly EditorSchema[] {
  const shapes = {
    "agreement.json": { title: "Data-sharing agreement", shape: agreementShape },
    "applications.json": { title: "Bureaus and their applications", shape: applicationsShape },
    "cases.json": { title: "Questions with the decisions that the agreements must give", shape: questionsShape },
    "purposes.json": { title: "Purposes", shape: purposesShape },
  };
  return Object.entries(shapes).map(([name, { title, shape }]) => {
    const schema = z.toJSONSchema(shape, { io: "input", unrepresentable: "any" });
    return { name, text: `${JSON.stringify({ ...schema, title }, undefined, 2)}\n` };
  });
}
