import { defineConfig } from 'tsdown';

/**
 * All doors in one build: what they share, such as the class of the errors, then exists once. A file for each module, because a bundler
 * leaves out whole files that nobody uses, and not always every schema in a large one.
 */
export default defineConfig({
  entry: ['src/index.ts', 'src/index.node.ts', 'src/portable.ts', 'src/testing.ts'],
  unbundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  tsconfig: 'tsconfig.build.json',
  sourcemap: true,
  dts: true,
  deps: { neverBundle: [/^node:/] },
  // Inlined, a constant leaves an import of nothing behind, of which bundlers warn.
  inputOptions: { optimization: { inlineConst: false } },
  logLevel: 'warn',
});
