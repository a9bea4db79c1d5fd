import process from "node:process";

// `npm start`. Plain JavaScript for any version of Node, so that an old one gets an answer instead of a syntax error.
const needed = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major >= needed) {
  await import("./main.ts");
} else {
  console.error(`Crossharbour runs on Node ${needed} or later; this is Node ${process.versions.node}.
"npm ci" installs one in node_modules, and "npm start" then uses it. If you did both and still read this, npm was told
not to run the install script of the package "node": run "npm rebuild node --ignore-scripts=false", then "npm start".`);
  process.exitCode = 1;
}
