import { access, readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** Every relative link in every Markdown file leads to a file that is there; a link to a heading, to a heading that is there. */
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
  if (!found) return 'leads nowhere';
  if (heading === undefined || !target.endsWith('.md')) return null;
  return headingsOf(await readFile(target, 'utf8')).includes(decodeURIComponent(heading)) ? null : 'names no heading';
}

/** The anchors that GitHub gives to headings. */
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
