import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALLOWANCES, isAllowed } from './allowed-words.ts';
import { ROOT } from './source-files.ts';
import { countsOf, findingsIn, sentenceOf } from './words.ts';

/**
 * Fails on words that have a better term, wherever Git knows a text. `--list` prints how often each of them stands in each folder, and
 * does not fail.
 */
const TEXT = /\.(?:[cm]?[jt]sx?|md|html|css|json|ya?ml|sh)$|^\.ci\/run$/;

/** Data of other versions and of other people, which is kept as it was. */
const DATA = /(?:^|\/)fixtures\/|pnpm-lock\.yaml$/;

const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT })
  .toString()
  .split('\0')
  .filter((path) => TEXT.test(path) && !DATA.test(path));

const texts = await Promise.all(
  // A file that is deleted and not yet committed is still in the index.
  [...new Set(paths)].map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8').catch(() => '') })),
);
const findings = texts.flatMap(({ path, text }) => findingsIn(path, text));
const wrong = findings.filter((finding) => !ALLOWANCES.some((allowance) => isAllowed(finding, allowance)));
const unused = ALLOWANCES.filter((allowance) => !findings.some((finding) => isAllowed(finding, allowance)));

if (process.argv.includes('--list')) {
  process.stdout.write(countsOf(wrong));
} else {
  const problems = [
    ...wrong.map(sentenceOf),
    ...unused.map(({ reason }) => `tools/allowed-words.ts: nothing needs the allowance "${reason}": remove it`),
  ];
  if (problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n`);
    process.exitCode = 1;
  }
}
