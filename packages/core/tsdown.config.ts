import { defineConfig } from 'tsdown';

/** All doors in one build: what they share, such as the class of the errors, then exists once. */
export default defineConfig({
  entry: ['src/index.ts', 'src/index.node.ts', 'src/portable.ts', 'src/testing.ts'],
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  tsconfig: 'tsconfig.build.json',
  sourcemap: true,
  dts: true,
  deps: { neverBundle: [/^node:/] },
  logLevel: 'warn',
});
