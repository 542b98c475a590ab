import { describe, expect, test } from 'vitest';
import { setGeneration, withContext, withNewContext } from './context.ts';
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
])('no secret in %s is logged', (_name, write) => {
  const output = logged(write);
  for (const secret of ['AAAABBBB', 'sk-live', 'abc123']) expect(output).not.toContain(secret);
  expect(output).toContain('[redacted]');
  expect(() => JSON.parse(output) as unknown).not.toThrow();
});

test('a long error is truncated, and its line stays valid JSON', () => {
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

describe('a line', () => {
  const lineOf = (write: (logger: ReturnType<typeof createLogger>) => void): unknown => JSON.parse(logged(write));

  test('has the ids of the request and of the generation it is logged in', () => {
    const line = lineOf((logger) =>
      withNewContext({ requestId: 'r1' }, () => withContext({ generationId: 'g1' }, () => logger.info('x'))),
    );
    expect(line).toMatchObject({ request_id: 'r1', generation_id: 'g1', msg: 'x' });
  });

  test('has the id of the generation from the moment it is set', () => {
    const lines = logged((logger) =>
      withNewContext({ requestId: 'r1' }, () => {
        logger.info('before');
        setGeneration('g1');
        logger.info('after');
      }),
    )
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines[0]).toMatchObject({ request_id: 'r1', msg: 'before' });
    expect(lines[0]).not.toHaveProperty('generation_id');
    expect(lines[1]).toMatchObject({ request_id: 'r1', generation_id: 'g1', msg: 'after' });
  });

  test('has no ids outside of requests and generations', () => {
    const line = lineOf((logger) => logger.info('x'));
    expect(line).not.toHaveProperty('request_id');
    expect(line).not.toHaveProperty('generation_id');
  });

  test('keeps an id that it names itself, once', () => {
    const output = logged((logger) =>
      withNewContext({ requestId: 'r1', generationId: 'g1' }, () => logger.info({ generation_id: 'g2' }, 'x')),
    );
    expect(JSON.parse(output)).toMatchObject({ request_id: 'r1', generation_id: 'g2' });
    expect(output.match(/generation_id/g)).toHaveLength(1);
  });
});
