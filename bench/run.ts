/** `pnpm bench <name>`: each bench is a folder beside this file. The last line that it prints is its result as JSON. */
const BENCHES: Readonly<Record<string, () => Promise<{ run: (args: readonly string[]) => Promise<void> }>>> = {
  client: () => import('./client/bench.ts'),
  gallery: () => import('./gallery/bench.ts'),
  gateway: () => import('./gateway/bench.ts'),
  history: () => import('./history/bench.ts'),
  images: () => import('./images/bench.ts'),
  n8n: () => import('./n8n/bench.ts'),
  upgrade: () => import('./upgrade/bench.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (load === undefined) {
  process.stderr.write(`There is no bench "${name}". There are: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exitCode = 1;
} else {
  const { run } = await load();
  await run(args);
}
