import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

// In the folder in which it is run: first `n8n-node lint`, which in strict mode also refuses a configuration other than n8n's own; then
// the same ESLint with the same configuration, because the tool is content with warnings and with what a comment silences.
const configuration = import.meta.resolve('@n8n/node-cli/eslint');
const { ESLint } = createRequire(configuration)('eslint');

const tool = spawnSync(process.execPath, [fileURLToPath(new URL('../../bin/n8n-node.mjs', configuration)), 'lint'], {
  encoding: 'utf8',
});
const results = await new ESLint({ allowInlineConfig: false }).lintFiles(['.']);
const findings = results.flatMap(({ filePath, messages }) =>
  messages.map(({ line, ruleId, severity, message }) => ({
    severity: severity === 2 ? 'error' : 'warning',
    where: `${relative(process.cwd(), filePath)}:${line}`,
    rule: ruleId,
    message,
  })),
);
const files = results.map(({ filePath }) => relative(process.cwd(), filePath));
process.stdout.write(JSON.stringify({ passed: tool.status === 0, output: tool.stdout + tool.stderr, files, findings }));
