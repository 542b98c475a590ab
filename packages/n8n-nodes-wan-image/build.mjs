import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

// Not `n8n-node build`, which runs rimraf and tsc and copies the icons: it does not bundle. n8n installs a verified node without
// dependencies, so the bundle must contain core and zod. The tool would also add 540 MB to every clone of this workspace.
// n8n's linter and scan check the result: e2e/n8n/package.test.ts.

const ROOT = import.meta.dirname;
const DIST = join(ROOT, 'dist');
const ICONS = ['icons/wan-image.svg', 'icons/wan-image.dark.svg'];
/** The modules that n8n provides. */
const PROVIDED = ['n8n-workflow'];
/** Core and zod, which all nodes share, relative to each of them. */
const CORE = '../../core.js';

const require = createRequire(import.meta.url);
const { n8n } = require('./package.json');
const codexFiles = n8n.nodes.map((path) => path.replace(/^dist\//, '').replace(/\.js$/, '.json'));
/** From which the editor knows the fields of the output before anything has run. */
const schemas = n8n.nodes.map((path) => join(dirname(path.replace(/^dist\//, '')), '__schema__'));
const entries = [...n8n.nodes, ...n8n.credentials].map((path) => path.replace(/^dist\//, '').replace(/\.js$/, ''));

await rm(DIST, { recursive: true, force: true });
const common = {
  absWorkingDir: ROOT,
  outdir: DIST,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // 万相 instead of \u4E07\u76F8.
  charset: 'utf8',
  // LICENSES.txt has the licences of bundled packages; zod's files have no such comments.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
// Core has its own file, so that a second node does not contain it again.
const useSharedCore = {
  name: 'shared core',
  setup: ({ onResolve }) => onResolve({ filter: /^@wan-image\/core\// }, () => ({ path: CORE, external: true })),
};
const [nodes, core] = await Promise.all([
  build({
    ...common,
    entryPoints: entries.map((entry) => ({ in: `${entry}.ts`, out: entry })),
    external: PROVIDED,
    plugins: [useSharedCore],
    // Readable for n8n's reviewers and in stack traces.
    minify: false,
  }),
  build({
    ...common,
    stdin: { contents: await usedCore(), resolveDir: ROOT, sourcefile: 'core.js' },
    entryNames: 'core',
    // Bundles core from its sources: no build of core is needed, and unused code is left out.
    conditions: ['@wan-image/source'],
    define: { globalThis: 'ownGlobal' },
    inject: [join(ROOT, 'own-global.mjs')],
    // To stay within 300 kB: its sources are in this repository, and n8n's scan reads it as well as any other file.
    minify: true,
  }),
]);
const outputs = { ...nodes.metafile.outputs, ...core.metafile.outputs };
const inputs = { ...nodes.metafile.inputs, ...core.metafile.inputs };

refuseForeignImports();
await Promise.all(
  [...ICONS, ...codexFiles, ...schemas].map((path) => cp(join(ROOT, path), join(DIST, path), { recursive: true })),
);
await writeFile(join(DIST, 'LICENSES.txt'), await bundledLicenses());
checkClasses();

/** A module with what the sources import from core. */
async function usedCore() {
  const paths = await Promise.all(
    ['nodes', 'credentials'].map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true })).map((path) => join(ROOT, folder, path)),
    ),
  );
  const texts = await Promise.all(
    paths.flat().flatMap((path) => (path.endsWith('.ts') ? [readFile(path, 'utf8')] : [])),
  );
  const names = texts
    .flatMap((text) => Array.from(text.matchAll(/^import \{([^}]*)\} from '@wan-image\/core\/portable';/gm)))
    .flatMap(([, list]) => list.split(',').map((name) => name.trim()))
    .filter((name) => name !== '' && !name.startsWith('type '));
  return `export { ${[...new Set(names)].toSorted().join(', ')} } from '@wan-image/core/portable';`;
}

/** A node with any other import would start only on the machine that built it. */
function refuseForeignImports() {
  const foreign = Object.entries(outputs).flatMap(([output, { imports }]) =>
    imports.filter(({ path }) => ![...PROVIDED, CORE].includes(path)).map(({ path }) => `${output} imports ${path}`),
  );
  if (foreign.length > 0) throw new Error(`n8n provides only ${PROVIDED.join(', ')}: ${foreign.join('; ')}.`);
}

/** n8n instantiates the export with the name of the file, and identifies the class by its own name. */
function checkClasses() {
  for (const entry of entries) {
    const [name] = basename(entry).split('.');
    const exported = require(join(DIST, `${entry}.js`))[name];
    if (exported?.name !== name) throw new Error(`${entry}.ts must export a class ${name}.`);
  }
}

/** The name and licence of each bundled package from outside the workspace: licences require their text in every copy. */
async function bundledLicenses() {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(path) ?? [],
  );
  const texts = [...new Set(folders)].toSorted().map(async (folder) => {
    const { name, version } = require(join(ROOT, folder, 'package.json'));
    return `${name} ${version}\n\n${await readFile(join(ROOT, folder, 'LICENSE'), 'utf8')}`;
  });
  return (await Promise.all(texts)).join('\n');
}
