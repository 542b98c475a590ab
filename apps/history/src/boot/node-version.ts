/** The oldest Node that has all that the service uses: `node:sqlite` without a flag, and `AsyncDisposableStack`. */
const OLDEST = 24;

/** Why the service cannot run on this version of Node, as a sentence with the remedy; null if it can. */
export function nodeProblem(version: string): string | null {
  if (Number.parseInt(version, 10) >= OLDEST) return null;
  return `The history service needs Node ${OLDEST} or newer, and this is ${version}. Start it with "npx -y pnpm start", which installs and uses the right one, or install Node ${OLDEST}.`;
}

/** Whether this process runs on a Node that is too old. Prints why, and sets the exit code. This file imports nothing, for that reason. */
export function refusedByNode(): boolean {
  const problem = nodeProblem(process.versions.node);
  if (problem === null) return false;
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
  return true;
}
