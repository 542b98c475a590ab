import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

// Not `n8n-node build`: that is rimraf, tsc and a copy of the icons. It does not bundle, while n8n installs a verified node without
// dependencies, so core and zod have to be in the files; and the tool weighs 540 MB, which every clone of this workspace would install.
// n8n's linter and scan judge the outcome all the same: e2e/n8n/package.test.ts.

const ROOT = import.meta.dirname;
const DIST = join(ROOT, 'dist');
const ICONS = ['icons/wan-image.svg', 'icons/wan-image.dark.svg'];
const CODEX = 'nodes/WanImage/WanImage.node.json';
/** All that n8n gives to a node. */
const PROVIDED = ['n8n-workflow'];

const require = createRequire(import.meta.url);
const { n8n } = require('./package.json');
const entries = [...n8n.nodes, ...n8n.credentials].map((path) => path.replace(/^dist\//, '').replace(/\.js$/, ''));

await rm(DIST, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: entries.map((entry) => ({ in: `${entry}.ts`, out: entry })),
  outdir: DIST,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // The sources of core, so that it need not be built first, and what the node does not use of it stays out.
  conditions: ['@wan-image/source'],
  external: PROVIDED,
  define: { globalThis: 'ownGlobal' },
  inject: [join(ROOT, 'own-global.mjs')],
  // As it was written, for n8n's reviewers and for whoever reads a stack: not minified, and 万相 not as \u4E07\u76F8.
  minify: false,
  charset: 'utf8',
  // What is bundled says its licence in LICENSES.txt; zod's files have no such comments.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

refuseForeignImports();
await Promise.all([...ICONS, CODEX].map((path) => cp(join(ROOT, path), join(DIST, path))));
await writeFile(join(DIST, 'LICENSES.txt'), await licensesOfOthers());
checkClasses();

/** A node with any other import starts on the machine that built it, and nowhere else. */
function refuseForeignImports() {
  const foreign = Object.entries(metafile.outputs).flatMap(([output, { imports }]) =>
    imports.filter(({ path }) => !PROVIDED.includes(path)).map(({ path }) => `${output} imports ${path}`),
  );
  if (foreign.length > 0) throw new Error(`Only ${PROVIDED.join(', ')} is there in n8n: ${foreign.join('; ')}.`);
}

/** n8n makes an instance of the export that is named like the file, and knows the class by its own name. */
function checkClasses() {
  for (const entry of entries) {
    const [name] = basename(entry).split('.');
    const exported = require(join(DIST, `${entry}.js`))[name];
    if (exported?.name !== name) throw new Error(`${entry}.ts has to export a class ${name}.`);
  }
}

/** A licence travels with what it covers: of each package from outside of which something is in the files, its name and its text. */
async function licensesOfOthers() {
  const folders = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(path) ?? [],
  );
  const texts = [...new Set(folders)].toSorted().map(async (folder) => {
    const { name, version } = require(join(ROOT, folder, 'package.json'));
    return `${name} ${version}\n\n${await readFile(join(ROOT, folder, 'LICENSE'), 'utf8')}`;
  });
  return (await Promise.all(texts)).join('\n');
}
