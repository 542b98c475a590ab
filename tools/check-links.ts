import { access, readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** Fails when a relative link in a Markdown file points to a missing file or heading. */
const LINK = /\]\(([^)\s]+)\)|<(?:img|a|source)[^>]+(?:src|href|srcset)="([^"]+)"/g;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
const broken: string[] = [];

for (const file of files) {
  const text = await readFile(file, 'utf8');
  for (const match of text.matchAll(LINK)) {
    const link = match[1] ?? match[2] ?? '';
    if (/^[a-z]+:/i.test(link)) continue;
    const problem = await problemOf(file, link);
    if (problem !== null) broken.push(`${file}: ${link} ${problem}`);
  }
}

async function problemOf(file: string, link: string): Promise<string | null> {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  const found = await access(target).then(
    () => true,
    () => false,
  );
  if (!found) return 'points to no file';
  if (heading === undefined || !target.endsWith('.md')) return null;
  return headingsOf(await readFile(target, 'utf8')).includes(decodeURIComponent(heading))
    ? null
    : 'points to no heading';
}

/** The anchors that GitHub generates for headings. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6} +(.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

if (broken.length > 0) {
  process.stderr.write(`${broken.join('\n')}\n`);
  process.exitCode = 1;
}
