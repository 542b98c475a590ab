import { describe, expect, test } from 'vitest';
import { WanImageError, type ErrorRemedy } from './wan-image-error.ts';

const FACTS = { kind: 'download_failed', fault: 'caller', outcome: 'billed' } as const;

describe('the remedy of an error', () => {
  test.each<[ErrorRemedy, string]>([
    ['allow_private_hosts', 'Set allowPrivateHosts'],
    ['raise_max_image_bytes', 'Raise maxImageBytes'],
    ['raise_timeout', 'Raise timeoutMs'],
    ['raise_idle_timeout', 'Raise idleTimeoutMs'],
  ])('%s ends the message, but not the summary', (remedy, words) => {
    const error = new WanImageError('It failed.', { ...FACTS, remedy });
    expect(error.summary).toBe('It failed.');
    expect(error.message.startsWith(`It failed. ${words}`)).toBe(true);
  });

  test('is null by default, and then the message is the summary', () => {
    const error = new WanImageError('It failed.', FACTS);
    expect(error).toMatchObject({ message: 'It failed.', summary: 'It failed.', remedy: null, limit: null });
  });

  test('stays in a changed copy, and its words are not repeated', () => {
    const error = new WanImageError('It failed.', { ...FACTS, remedy: 'raise_max_image_bytes', limit: 999 });
    const copy = error.with({ summary: `${error.summary} Twice.`, attempts: 2 });
    expect(copy).toMatchObject({ remedy: 'raise_max_image_bytes', limit: 999, attempts: 2 });
    expect(copy.message).toBe('It failed. Twice. Raise maxImageBytes to accept it.');
    expect(copy.with({ remedy: null }).message).toBe('It failed. Twice.');
  });

  test('is in the JSON, which omits the summary because the message contains it', () => {
    const error = new WanImageError('It failed.', { ...FACTS, remedy: 'raise_max_image_bytes', limit: 999 });
    const json = error.toJSON();
    expect(json).toMatchObject({ remedy: 'raise_max_image_bytes', limit: 999, message: error.message });
    expect(json).not.toHaveProperty('summary');
    expect(Object.keys(error)).not.toContain('summary');
  });

  test('comes with a summary that is redacted too', () => {
    const error = new WanImageError('The key k-123456789 is wrong.', FACTS, { secrets: ['k-123456789'] });
    expect(error.summary).toBe('The key [redacted] is wrong.');
  });
});
