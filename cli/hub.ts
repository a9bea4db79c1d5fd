import type { Command, Shell } from "./command.ts";
import { UsageError } from "./command.ts";

/** The subcommands. Each is loaded when it runs, so that one doesn't wait for what another needs. */
const commands: readonly Command[] = [
  {
    name: "cache",
    summary: "Say what the cache keeps of an operation, or forget what it keeps of a level.",
    run: async (args, shell) => (await import("./cache.ts")).runCache(args, shell),
  },
  {
    name: "cases",
    summary: "Ask the questions of policies/cases and compare the decisions.",
    run: async (args, shell) => (await import("./cases.ts")).runCases(args, shell),
  },
  {
    name: "check",
    summary: "Check schemas, classifications, agreements and cases.",
    run: async (args, shell) => (await import("./check.ts")).runCheck(args, shell),
  },
  {
    name: "compose",
    summary: "Compose the departments' schemas into the supergraph.",
    run: async (args, shell) => (await import("./compose.ts")).runCompose(args, shell),
  },
  {
    name: "diff",
    summary: "Say what changes between two policy folders.",
    run: async (args, shell) => (await import("./diff.ts")).runDiff(args, shell),
  },
  {
    name: "editor",
    summary: "Write the JSON Schemas of policy files for editors.",
    run: async (args, shell) => (await import("./editor.ts")).runEditor(args, shell),
  },
  {
    name: "explain",
    summary: "Say why a bureau may or may not read a field.",
    run: async (args, shell) => (await import("./explain.ts")).runExplain(args, shell),
  },
  {
    name: "findings",
    summary: "List what a reviewer of agreements should look at.",
    run: async (args, shell) => (await import("./findings.ts")).runFindings(args, shell),
  },
  {
    name: "invalidate",
    summary: "Sign a department's order that the hub serve nothing more of what it has kept.",
    run: async (args, shell) => (await import("./invalidate.ts")).runInvalidate(args, shell),
  },
  {
    name: "matrix",
    summary: "Show who may read what.",
    run: async (args, shell) => (await import("./matrix.ts")).runMatrix(args, shell),
  },
  {
    name: "serve",
    summary: "Serve a supergraph: the gateway alone.",
    run: async (args, shell) => (await import("./serve.ts")).serveCommand.run(args, shell),
  },
  {
    name: "token",
    summary: "Print an access token of the demo identity provider (demonstration only).",
    run: async (args, shell) => (await import("./token.ts")).tokenCommand.run(args, shell),
  },
  {
    name: "who",
    summary: "Say who may read a field, and who signed for it.",
    run: async (args, shell) => (await import("./who.ts")).runWho(args, shell),
  },
];

function describeCommands(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: hub <command> [options]\n\n${rows.join("\n")}\n\n\`hub <command> --help\` tells a command's options.\n`;
}

async function runHub(args: readonly string[], shell: Shell): Promise<number> {
  const [name, ...rest] = args;
  if (name === "help" || name === "--help" || name === "-h") {
    shell.output(describeCommands());
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    shell.errors(`hub: ${name === undefined ? "name a command" : `there is no command "${name}"`}.\n\n${describeCommands()}`);
    return 2;
  }
  try {
    return await command.run(rest, shell);
  } catch (error) {
    if (error instanceof UsageError) {
      shell.errors(`hub ${command.name}: ${error.message}\n\n${error.usage ?? describeCommands()}`);
      return 2;
    }
    shell.errors(`hub ${command.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await runHub(process.argv.slice(2), {
  output: (text) => process.stdout.write(text),
  errors: (text) => process.stderr.write(text),
  clock: () => Date.now(),
  environment: process.env,
});
