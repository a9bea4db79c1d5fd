import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync, readdirSync } from "node:fs";
import { access, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { withDeadline } from "./process.ts";

/** A program that tests need, and how to come by it. */
export interface Program {
  /** Names of the executable, the preferred first. */
  readonly names: readonly string[];
  /** Folders to look in after those of PATH; `*` stands for any one part. */
  readonly folders?: readonly string[];
  /** The Debian package that holds it. */
  readonly debianPackage: string;
}

const installMs = 600_000;
const lockPath = join(tmpdir(), "crossharbour-apt.lock");

/**
 * One apt at a time on the machine, and nobody starts the services that packages bring: tests start their own.
 * Whoever had to wait for the lock may find the package there. The kernel drops the lock when its holder dies. See invoke-rc.d(8) for policy-rc.d.
 */
const installScript = `
set -e
if dpkg-query -W -f='\${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; then exit 0; fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
dpkg --configure -a
apt-get -q -o DPkg::Lock::Timeout=120 update
apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$1"
`;

/**
 * The path of a program, which is installed with apt first when it is missing, the user is root and the system is Debian.
 * Safe to call from several processes at once.
 *
 * @throws {Error} That says what to install, when it can't be installed here.
 */
export async function ensureProgram(program: Program): Promise<string> {
  const found = await findProgram(program);
  if (found !== undefined) {
    return found;
  }
  const wanted = program.names.join(" or ");
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    throw new Error(`Tests need ${wanted}. Install the package \`${program.debianPackage}\` (its name on Debian) and put it on PATH.`);
  }
  await installPackage(program);
  const installed = await findProgram(program);
  if (installed === undefined) {
    throw new Error(`The Debian package \`${program.debianPackage}\` was installed but holds no ${wanted}.`);
  }
  return installed;
}

async function installPackage(program: Program): Promise<void> {
  const output = join(tmpdir(), `crossharbour-apt-${process.pid}-${program.debianPackage}.log`);
  const file = await open(output, "w", 0o600);
  try {
    // On its own and writing to a file, so that it ends well even if this process dies: half an installation blocks the next.
    const apt = spawn("flock", ["-w", `${installMs / 1_000}`, lockPath, "sh", "-c", installScript, "install", program.debianPackage], {
      detached: true,
      stdio: ["ignore", file.fd, file.fd],
    });
    const [code] = await withDeadline(once(apt, "exit"), installMs, `apt-get install ${program.debianPackage} did not end`);
    if (code !== 0) {
      throw new Error((await readFile(output, "utf8")).slice(-2_000));
    }
    await rm(output, { force: true });
  } catch (error) {
    throw new Error(`\`apt-get install ${program.debianPackage}\` failed (see ${output}); install it by hand.`, { cause: error });
  } finally {
    await file.close();
  }
}

/** The path of a program; undefined when it isn't there. */
export async function findProgram(program: Program): Promise<string | undefined> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), ...(program.folders ?? []).flatMap(expandFolder)];
  for (const name of program.names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) {
        return path;
      }
    }
  }
  return undefined;
}

/** Folders that the pattern matches, the last name first, so that the newest version of a program is found. */
function expandFolder(pattern: string): readonly string[] {
  const [before, after] = pattern.split("*");
  if (before === undefined || after === undefined || !existsSync(before)) {
    return [pattern];
  }
  return readdirSync(before)
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((part) => join(before, part, after));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
