import { stripVTControlCharacters } from 'node:util';
import { WanImageError } from '@wan-image/core';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { terminalLines } from './terminal-lines.ts';

function shown(write: (logger: ReturnType<typeof createLogger>) => void, hasColors = true): string {
  const written: string[] = [];
  write(createLogger('info', terminalLines({ write: (text) => written.push(text), hasColors: () => hasColors })));
  return written.join('');
}

test('a line has its time, level, message and fields, on one line, in color where the terminal has any', () => {
  const write = (logger: ReturnType<typeof createLogger>): void => logger.warn({ status: 404, path: '/x' }, 'hello');
  const text = shown(write, false);
  expect(shown(write)).not.toBe(text);
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: hello \{"status":404,"path":"\/x"\}\n$/);
});

test('no secret is shown either', () => {
  const secrets =
    'data:image/png;base64,AAAABBBBCCCC Bearer sk-live-1234567890 https://oss.example/a.png?Signature=abc123';
  const text = shown((logger) => {
    logger.info(secrets);
    logger.info({ deep: { url: secrets } }, 'x');
    logger.error({ err: new Error(secrets, { cause: new Error(secrets) }) }, 'x');
  });
  for (const secret of ['AAAABBBB', 'sk-live', 'abc123']) expect(text).not.toContain(secret);
  expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThan(3);
});

test('an expected failure is one line with its message, a bug has its stack', () => {
  const refused = new WanImageError('It responded 404.', {
    kind: 'download_failed',
    fault: 'caller',
    outcome: 'billed',
  });
  const expected = stripVTControlCharacters(shown((logger) => logger.warn({ err: refused }, 'not archived')));
  expect(expected).toMatch(/^\[[\d:]+\] WARN: not archived: It responded 404\.\n$/);
  expect(shown((logger) => logger.error({ err: new TypeError('a bug') }, 'x'))).toContain('terminal-lines.test.ts');
});

test('no text of others controls the terminal', () => {
  const evil = 'a\u001B]0;owned\u0007\u001B[2J\rb\u009Bc\u007F';
  const text = shown((logger) => {
    logger.info({ path: evil }, evil);
    logger.warn({ err: Object.assign(new Error(evil), { code: 'ECONNRESET' }) }, 'x');
    logger.error({ err: new Error(evil) }, 'x');
  }, false);
  expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
  expect(text).toContain('owned');
});
