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
    text: /\bFastifyReply\b|\breply\.\w|\(request, reply\b|, reply[,)]|^\s*reply,$|\breadonly reply:|\(reply, |\breply \}|\(reply\)|= reply;|return reply;|void reply$/,
    reason: 'What Fastify calls its parameter.',
  },
  { text: /users\.noreply\./, reason: 'An address of GitHub.' },
  { name: 'round', text: /\bMath\.round\b/, reason: 'A function of JavaScript.' },
  { name: 'round', path: /^bench\//, reason: 'What benchmarks call the turn in which each side is measured once.' },
  { name: 'round', path: /^packages\/core\/src\/.*\.test\.ts$/, reason: 'One run of a property test.' },
  {
    name: 'part',
    path: /^(?!apps\/history\/src\/sweep\/)/,
    reason: 'A part of a form, a range, a text or a list. Only in the sweep was it a shard.',
  },
  {
    name: 'whole',
    path: /^(?!apps\/history\/src\/sweep\/)/,
    reason: 'All of a file or a text, next to a part of it. Only in the sweep was it a full pass.',
  },
  {
    name: 'given',
    text: /param(?:,|: '\w+',|: z\.string\(\),)? given|param, given|adapted\.push|^ *(?:readonly )?given: string/,
    reason: 'A field of the record, in `adapted`: the contract of history, and stored data.',
  },
  { name: 'given', path: /^e2e\/n8n\/refused-images/, reason: 'A word of an error message in a regular expression.' },
  { name: 'left', text: /\btop\b|align|roundRect|fillText|elementFromPoint/, reason: 'A coordinate.' },
  { name: 'left', path: /^apps\/gallery\//, reason: 'A coordinate of DOM and CSS, and a direction.' },
  { name: '#first', text: /Uint8Array|this\.#first/, reason: 'The first chunk of a stream.' },
  { name: 'together', path: /^e2e\/n8n\//, reason: 'The name of a mode of the n8n node: all items in one request.' },
  {
    name: 'picture',
    path: /WanImage\.node\.json$/,
    reason: 'A search term of the n8n node panel: what a user may type to find the node.',
  },
  { path: /^docs\/glossary\.md$/, reason: 'Its last column names the words that are not used.' },
  { name: 'adopt', text: /\.adopt\(await start/, reason: 'A method of AsyncDisposableStack.' },
];

export function isAllowed(finding: Finding, { name, path, text }: Allowance): boolean {
  return (
    (name === undefined || name === finding.name) &&
    (path === undefined || path.test(finding.path)) &&
    (text === undefined || text.test(finding.text))
  );
}
