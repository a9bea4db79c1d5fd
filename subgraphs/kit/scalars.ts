import { GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { inputError } from "./errors.ts";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MONEY = /^-?(0|[1-9]\d{0,17})$/;

/** A day of the calendar as ISO 8601 writes it, such as 2026-04-01; other texts and days that don't exist are refused. */
export const dateScalar = createTextScalar("Date", "a day such as 2026-04-01", isDate);

/** Cents of the Hong Kong dollar as a decimal string, so that amounts above 32 bits keep every digit. */
export const moneyScalar = createTextScalar("Money", 'cents as a decimal string such as "150000"', (text) => MONEY.test(text));

/** Whether the text is a day of the calendar, from the year 0001 on. */
export function isDate(text: string): boolean {
  if (!DATE.test(text) || text.startsWith("0000")) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function createTextScalar(name: string, meaning: string, isValid: (text: string) => boolean): GraphQLScalarType {
  const read = (value: unknown): string => {
    if (typeof value !== "string" || !isValid(value)) throw inputError(`${name} must be ${meaning}.`);
    return value;
  };
  return new GraphQLScalarType({
    name,
    serialize: (value) => read(typeof value === "bigint" ? value.toString() : value),
    parseValue: read,
    parseLiteral: (node: ValueNode) => read(node.kind === Kind.STRING ? node.value : undefined),
  });
}
