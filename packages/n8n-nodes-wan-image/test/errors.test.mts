import { WanImageError, type ErrorRemedy } from '@wan-image/core/portable';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { describe, expect, test } from 'vitest';
import { toNodeError } from '../nodes/WanImage/errors/node-error.ts';

const NODE = {
  id: '1',
  name: 'Wan',
  type: 'wanImage',
  typeVersion: 1,
  position: [0, 0] as [number, number],
  parameters: {},
};

const invalid = (param: string, summary: string): WanImageError =>
  new WanImageError(summary, { kind: 'invalid_request', fault: 'caller', outcome: 'not_billed', param });

describe('the remedy of an error', () => {
  const failed = (remedy: ErrorRemedy | null): WanImageError =>
    new WanImageError('The download failed.', {
      kind: 'download_failed',
      fault: 'caller',
      outcome: 'billed',
      remedy,
      requestId: 'req-1',
    });

  test.each<[ErrorRemedy, RegExp]>([
    ['allow_private_hosts', /add that host to Image Hosts in the credential, or choose Binary or URL/],
    ['raise_max_image_bytes', /larger than this node can store: choose URL as the Output/],
    ['raise_timeout', /To wait longer, raise the Timeout option/],
    ['raise_idle_timeout', /idle for too long/],
  ])('%s is worded in fields of the node, not in options of the client', (remedy, words) => {
    const error = toNodeError(NODE, failed(remedy), { itemIndex: 3 });
    expect(error.message).toBe('The download failed. [item 3]');
    expect(error.description).toMatch(words);
    expect(error.description).toMatch(/^The image is billed\..*Request ID: req-1\.$/);
    expect(`${error.message} ${error.description}`).not.toMatch(/allowPrivateHosts|maxImageBytes|timeoutMs|TimeoutMs/);
  });

  test('is the advice for its kind where no setting decides', () => {
    expect(toNodeError(NODE, failed(null), {}).description).toBe(
      'The image is billed; its URL is in the error. Request ID: req-1.',
    );
  });

  test.each([
    ['unknown', /^The service may still have generated the images\..*raise the Timeout option/],
    ['billed', /^The image is billed\. To wait longer/],
    ['not_billed', /^Nothing was billed\. To wait longer/],
  ] as const)('of a timeout follows what the outcome %s means', (outcome, words) => {
    const error = new WanImageError('The request timed out after 1 s.', {
      kind: 'timed_out',
      fault: 'network',
      outcome,
      remedy: 'raise_timeout',
      limit: 1000,
    });
    expect(toNodeError(NODE, error, {}).description).toMatch(words);
  });

  test('is part of the message for a language model, which sees nothing else', () => {
    const { message } = toNodeError(NODE, failed('allow_private_hosts'), { itemIndex: 0, isTool: true });
    expect(message).toMatch(/^The download failed\. The image is billed\..*choose Binary or URL/);
  });
});

describe('an invalid request', () => {
  test.each([
    ['size', 'size "9x9" has 81 pixels: make it larger.', 'Size "9x9" has 81 pixels: make it larger.'],
    ['size', 'Invalid size "2k".', 'Size: Invalid size "2k".'],
    ['n', 'n must be 1 to 4 without enable_sequential.', 'Number of Images must be 1 to 4 without Image Set.'],
    ['extra.seed', 'extra.seed is wrong.', 'Additional Parameters: seed is a field of this node, set it there.'],
    ['sink', 'sink is wrong.', 'sink is wrong.'],
  ])('of %s has the label of the panel: %s', (param, summary, message) => {
    const error = toNodeError(NODE, invalid(param, summary), {});
    expect(error).toBeInstanceOf(NodeOperationError);
    expect(error.message).toBe(message);
    expect(error.description).toBe('Nothing was sent, so nothing was billed.');
  });

  test('of an image set calls its number Maximum Images', () => {
    expect(toNodeError(NODE, invalid('n', 'n must be 1 to 12.'), { isSet: true }).message).toBe(
      'Maximum Images must be 1 to 12.',
    );
  });

  test('of an input image names its row, and belongs to its item', () => {
    const inputs = [
      { item: 0, label: 'row 1' },
      { item: 1, label: 'row 1, item 1' },
    ];
    const error = toNodeError(NODE, invalid('image[1]', 'image[1] is not valid base64.'), { inputs, itemIndex: 0 });
    expect(error.message).toBe('Images, row 1, item 1 is not valid base64. [item 1]');
    expect(error.context['itemIndex']).toBe(1);
  });
});

test('an error that names a system error keeps its message, which n8n would replace', () => {
  const lost = new WanImageError('The connection broke (ECONNRESET). It may have been billed.', {
    kind: 'connection_lost',
    fault: 'network',
    outcome: 'unknown',
  });
  const error = toNodeError(NODE, lost, {});
  expect(error).toBeInstanceOf(NodeApiError);
  expect(error.message).toBe('The connection broke (ECONNRESET). It may have been billed.');
});
