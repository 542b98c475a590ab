import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/**
 * Writes the n8n node as a repository of its own, with one package: `node n8n-mirror.ts <an empty folder> [repository URL]`. n8n has a lint
 * rule in preparation that refuses packages of monorepos; docs/releasing.md says how to publish from the mirror. It has no sources of
 * core: that is a development dependency, of the version that is published together with the node, and the build bundles it.
 */
const ROOT = join(import.meta.dirname, '..');
const PACKAGE = 'packages/n8n-nodes-wan-image';
const MAIN_REPOSITORY = 'https://github.com/wan-image/wan-image';

const COPIED = [
  'build.mjs',
  'credentials',
  'docs',
  'eslint.config.mjs',
  'examples',
  'icons',
  'nodes',
  'own-global.mjs',
];
/** What the build and n8n's checks need. The tests stay in the main repository. */
const DEVELOPMENT = ['@types/node', 'esbuild', 'n8n-workflow', 'typescript'];

const [folder, repository = 'https://github.com/wan-image/n8n-nodes-wan-image'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node n8n-mirror.ts <an empty folder> [repository URL]');
if (existsSync(folder) && readdirSync(folder).some((name) => name !== '.git')) {
  throw new Error(`${folder} is not empty: choose an empty folder, or one with nothing but .git.`);
}

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const json = (path: string): Record<string, unknown> => JSON.parse(text(path)) as Record<string, unknown>;

const manifest = json(`${PACKAGE}/package.json`);
const files: Readonly<Record<string, string>> = {
  'package.json': printed({
    ...manifest,
    homepage: `${repository}#readme`,
    repository: { type: 'git', url: `${repository}.git` },
    scripts: { build: 'node build.mjs', lint: 'n8n-node lint', typecheck: 'tsc -p tsconfig.json' },
    devDependencies: developmentDependencies(String(manifest['version'])),
  }),
  'tsconfig.json': printed(compilerSettings()),
  'README.md': withAbsoluteLinks(text(`${PACKAGE}/README.md`)),
  LICENSE: text('LICENSE'),
  '.gitignore': 'dist/\nnode_modules/\n',
  '.github/workflows/publish.yml': publishWorkflow(),
};

mkdirSync(folder, { recursive: true });
for (const name of COPIED) cpSync(join(ROOT, PACKAGE, name), join(folder, name), { recursive: true });
for (const [path, content] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Exact versions: n8n looks at what a build consists of. */
function developmentDependencies(version: string): Record<string, string> {
  const catalog = Object.fromEntries(
    [...text('pnpm-workspace.yaml').matchAll(/^ {2}'?([^\s':]+)'?: (\d\S*)$/gm)].map(([, name, of]) => [name, of]),
  );
  const rules = json('e2e/n8n-rules/package.json')['devDependencies'] as Record<string, string>;
  const versions: Record<string, string | undefined> = {
    '@n8n/node-cli': rules['@n8n/node-cli'],
    '@wan-image/core': version,
    ...Object.fromEntries(DEVELOPMENT.map((name) => [name, catalog[name]])),
  };
  return Object.fromEntries(
    Object.entries(versions).map(([name, found]) => {
      if (found === undefined) throw new Error(`No version of ${name} is known.`);
      return [name, found];
    }),
  );
}

/** The shared settings and those of the package in one file. */
function compilerSettings(): object {
  const base = json('tsconfig.base.json')['compilerOptions'] as object;
  const { compilerOptions } = json(`${PACKAGE}/tsconfig.json`) as { compilerOptions: object };
  return { compilerOptions: { ...base, ...compilerOptions }, include: ['nodes', 'credentials'] };
}

/** Links that lead out of the package lead to the main repository. */
function withAbsoluteLinks(markdown: string): string {
  return markdown.replaceAll(/\]\((\.\.\/[^)\s]+)\)/g, (_link, target: string) => {
    const [path = '', fragment] = target.split('#');
    const absolute = `${MAIN_REPOSITORY}/blob/main/${posix.join(PACKAGE, path)}`;
    return `](${fragment === undefined ? absolute : `${absolute}#${fragment}`})`;
  });
}

function printed(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** n8n requires a public GitHub workflow with provenance. */
function publishWorkflow(): string {
  return `name: Publish

on:
  push:
    tags: ['*.*.*']

permissions:
  contents: read
  id-token: write

jobs:
  publish:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          registry-url: \${{ vars.NPM_REGISTRY_URL }}
      - run: npm ci --ignore-scripts
      - run: npm run lint
      - run: npm run typecheck
      - run: npm run build
      - run: npm publish --provenance --access public
        env:
          NODE_AUTH_TOKEN: \${{ secrets.NPM_TOKEN }}
`;
}
