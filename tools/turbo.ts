import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs turbo without its telemetry: `node turbo.ts [--quiet] run build`. A variable before a command is nothing that the shell of Windows
 * understands, so a script of package.json cannot set it. `--quiet` shows the output only of a run that fails.
 */
const isQuiet = process.argv[2] === '--quiet';
const args = process.argv.slice(isQuiet ? 3 : 2);
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
const turbo = fileURLToPath(import.meta.resolve('turbo/bin/turbo'));

if (isQuiet) process.stderr.write('Building …\n');
const { status, error, stdout, stderr } = spawnSync(process.execPath, [turbo, ...args], {
  env,
  stdio: isQuiet ? ['inherit', 'pipe', 'pipe'] : 'inherit',
  maxBuffer: 64 * 1024 * 1024,
});
if (error !== undefined) throw error;
if (isQuiet && status !== 0) {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
}
// Null: a signal ended it.
process.exitCode = status ?? 1;
