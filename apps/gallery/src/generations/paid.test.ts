import { WanImageError } from '@wan-image/core';
import { expect, test } from 'vitest';
import { createPaidRequests } from './paid.ts';

const lost = new WanImageError('lost', { kind: 'connection_lost', fault: 'network', outcome: 'unknown' });
const signedOut = new WanImageError('401', {
  kind: 'authentication',
  fault: 'account',
  outcome: 'not_billed',
  status: 401,
});
const deleted = new WanImageError('410', {
  kind: 'refused',
  fault: 'caller',
  outcome: 'unknown',
  code: 'generation_deleted',
});

/** A tab with its storage, and a service that responds with these, one after the other; then with the key that it was sent. */
function tab(responses: readonly (Error | string | Promise<string>)[] = []) {
  sessionStorage.clear();
  const sent: string[] = [];
  let time = 1_000_000;
  let keys = 0;
  let seeds = 0;
  const open = () =>
    createPaidRequests(
      () => sessionStorage,
      () => time,
    );
  let request = open();
  return {
    sent,
    wait: (ms: number) => void (time += ms),
    reload: () => void (request = open()),
    signOut: () => request.forget(),
    press: (name = 'rerun a') =>
      request.send({
        name,
        newPayload: () => ({ seed: (seeds += 1) }),
        newKey: () => `key-${(keys += 1)}`,
        async send({ seed }, key) {
          sent.push(`${key} seed ${seed}`);
          const response = await (responses[sent.length - 1] ?? key);
          if (response instanceof Error) throw response;
          return response;
        },
      }),
  };
}

test('each press is a request of its own', async () => {
  const { press, wait, sent } = tab();
  await press();
  wait(5000);
  await press();
  expect(sent).toEqual(['key-1 seed 1', 'key-2 seed 2']);
});

test('a double click and a key that is held are one request', async () => {
  const { press, wait, sent } = tab();
  const first = press();
  for (let count = 0; count < 40; count++) {
    wait(30);
    expect(await press()).toBe('key-1');
  }
  expect(await first).toBe('key-1');
  expect(sent).toHaveLength(1);
});

test('two things that are pressed at once are two requests', async () => {
  const { press, sent } = tab();
  await Promise.all([press('rerun a'), press('rerun b')]);
  expect(sent).toEqual(['key-1 seed 1', 'key-2 seed 2']);
});

test('a lost response is asked for with the same key and payload, also after a reload', async () => {
  const { press, reload, sent } = tab([lost, lost]);
  await expect(press()).rejects.toBe(lost);
  await expect(press()).rejects.toBe(lost);
  reload();
  expect(await press()).toBe('key-1');
  expect(sent).toEqual(['key-1 seed 1', 'key-1 seed 1', 'key-1 seed 1']);
  expect(sessionStorage).toHaveLength(0);
});

test('a refusal of a later sending does not forget that an earlier one may have been billed', async () => {
  const { press, reload, sent } = tab([lost, signedOut]);
  await expect(press()).rejects.toBe(lost);
  await expect(press()).rejects.toBe(signedOut);
  reload();
  await press();
  expect(new Set(sent)).toEqual(new Set(['key-1 seed 1']));
});

test('a reload before the response does not forget that the request may have been billed', async () => {
  const { press, reload, wait, sent } = tab([new Promise<string>(() => undefined), signedOut]);
  void press();
  reload();
  wait(5000);
  await expect(press()).rejects.toBe(signedOut);
  wait(5000);
  expect(await press()).toBe('key-1');
  expect(new Set(sent)).toEqual(new Set(['key-1 seed 1']));
});

test('a press during a slow response has the same key, and its refusal does not make the next one another request', async () => {
  const slow = Promise.withResolvers<string>();
  const { press, wait, sent } = tab([slow.promise, signedOut]);
  const first = press();
  wait(2000);
  await expect(press()).rejects.toBe(signedOut);
  expect(await press()).toBe('key-1');
  slow.resolve('key-1');
  expect(await first).toBe('key-1');
  expect(new Set(sent)).toEqual(new Set(['key-1 seed 1']));
});

test('a response that comes late settles its own request alone', async () => {
  const slow = Promise.withResolvers<string>();
  const { press, reload, wait } = tab([slow.promise, 'key-1', new Promise<string>(() => undefined)]);
  const first = press();
  wait(2000);
  expect(await press()).toBe('key-1');
  wait(2000);
  void press();
  slow.resolve('key-1');
  await first;
  reload();
  expect(await press()).toBe('key-2');
});

test('what was refused at once leaves nothing', async () => {
  const { press, wait, sent } = tab([signedOut, new Error('no bytes')]);
  await expect(press()).rejects.toBe(signedOut);
  await expect(press()).rejects.toThrow('no bytes');
  wait(5000);
  await press();
  expect(sent.map((one) => one.split(' ')[0])).toEqual(['key-1', 'key-2', 'key-3']);
});

test('what was made and deleted since can be made again', async () => {
  const { press, sent } = tab([lost, deleted]);
  await expect(press()).rejects.toBe(lost);
  await expect(press()).rejects.toBe(deleted);
  await press();
  expect(sent.map((one) => one.split(' ')[0])).toEqual(['key-1', 'key-1', 'key-2']);
});

test('a key is not used when the service may have forgotten it', async () => {
  const { press, wait, sent } = tab([lost]);
  await expect(press()).rejects.toBe(lost);
  wait(24 * 60 * 60_000);
  await press();
  expect(sent.map((one) => one.split(' ')[0])).toEqual(['key-1', 'key-2']);
});

test('after somebody has signed out, nothing of that session is sent again', async () => {
  const { press, wait, sent, signOut } = tab([lost]);
  await expect(press()).rejects.toBe(lost);
  signOut();
  expect(sessionStorage).toHaveLength(0);
  wait(5000);
  await press();
  expect(sent).toEqual(['key-1 seed 1', 'key-2 seed 2']);
});
