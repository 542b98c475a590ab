import { expect, test } from 'vitest';
import { nodeProblem } from './node-version.ts';

test.each(['24.0.0', '24.21.0', '26.1.0', '100.0.0'])('Node %s is accepted', (version) => {
  expect(nodeProblem(version)).toBeNull();
});

test.each(['18.20.8', '20.20.2', '22.21.1', '23.11.1', '9.0.0'])('Node %s is refused, with the remedy', (version) => {
  expect(nodeProblem(version)).toBe(
    `The history service needs Node 24 or newer, and this is ${version}. Start it with "npx -y pnpm start", which installs and uses the right one, or install Node 24.`,
  );
});
