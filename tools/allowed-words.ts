import type { Finding } from './words.ts';

/** Where a word stays, and why. All conditions that are there have to hold. */
export interface Allowance {
  /** Any word where absent. */
  readonly name?: string;
  readonly path?: RegExp;
  /** Of the line. */
  readonly text?: RegExp;
  readonly reason: string;
}

export const ALLOWANCES: readonly Allowance[] = [
  { path: /^tools\/(?:allowed-)?words(?:\.test)?\.ts$/, reason: 'The check itself names the words.' },
  {
    path: /^apps\/history\/src\/database\/migrations\//,
    reason: 'A migration that has run is not changed: its name is a row of the table of migrations.',
  },
  { text: /PictureUrls1795651200000|-picture-urls\.ts'/, reason: 'The name of a migration, and its file.' },
  { text: /\bpicture_store\b/, reason: 'A table.' },
  { text: /\breply_(?:status|created)\b/, reason: 'Columns of the table generation.' },
  {
    text: /wan-image picture URL, version 1/,
    reason: 'Signed into every image URL: another text would end all URLs that are in use.',
  },
  {
    name: 'reply',
    path: /^apps\/history\//,
    text: /\bFastifyReply\b|\breply\.\w|\(request, reply\b|, reply[,)]|^\s*reply,$|\breadonly reply:/,
    reason: 'What Fastify calls its parameter.',
  },
  { path: /^packages\/testing\/src\/requests\.json$/, reason: 'The vectors of the contract are shared as they are.' },
  { text: /users\.noreply\./, reason: 'An address of GitHub.' },
  { name: 'round', text: /\bMath\.round\b/, reason: 'A function of JavaScript.' },
  { name: 'round', path: /^bench\//, reason: 'What benchmarks call the turn in which each side is measured once.' },
  { name: 'adopt', text: /\.adopt\(await start/, reason: 'A method of AsyncDisposableStack.' },
];

export function isAllowed(finding: Finding, { name, path, text }: Allowance): boolean {
  return (
    (name === undefined || name === finding.name) &&
    (path === undefined || path.test(finding.path)) &&
    (text === undefined || text.test(finding.text))
  );
}
