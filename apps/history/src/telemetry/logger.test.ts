import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger('info', { write: (line) => lines.push(line) }));
  return lines.join('');
}

const SECRETS =
  'data:image/png;base64,AAAABBBBCCCC Bearer sk-live-1234567890 https://oss.example/a.png?Signature=abc123 /images/1-0?key=own&signature=abc123&width=320';

test.each<[string, (logger: ReturnType<typeof createLogger>) => void]>([
  ['a message', (logger) => logger.info(SECRETS)],
  ['a field, however deep', (logger) => logger.info({ a: { b: [SECRETS] } }, 'x')],
  ['an error and its cause', (logger) => logger.error({ err: new Error(SECRETS, { cause: new Error(SECRETS) }) }, 'x')],
  [
    'the parameters of a query',
    (logger) => logger.error({ err: Object.assign(new Error('q'), { parameters: [[SECRETS]] }) }, 'x'),
  ],
])('no secret in %s is written', (_name, write) => {
  const output = logged(write);
  for (const secret of ['AAAABBBB', 'sk-live', 'abc123']) expect(output).not.toContain(secret);
  expect(output).toContain('[redacted]');
  expect(() => JSON.parse(output) as unknown).not.toThrow();
});

test('a long error is cut, and its line stays one of JSON', () => {
  const output = logged((logger) => {
    logger.error({ err: new Error('長'.repeat(50_000)) }, 'first');
    logger.info('second');
  });
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string });
  expect(lines.map(({ msg }) => msg)).toEqual(['first', 'second']);
  expect(output.length).toBeLessThan(20_000);
});
