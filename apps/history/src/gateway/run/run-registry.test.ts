import { expect, test } from 'vitest';
import { completeResponse } from '../response/response-stream.ts';
import { RunRegistry } from './run-registry.ts';

const ID = '01932d5e-0000-7000-8000-000000000000';

/** Whether a promise has settled once all pending microtasks have run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const mark = (): void => void (settled = true);
  promise.then(mark, mark);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('an equal request finds a run from its submission until its removal', () => {
  const runs = new RunRegistry();
  const run = runs.submit('project fingerprint', true);
  expect(runs.findEqual('project fingerprint')).toBe(run);
  runs.activate(run, ID);
  expect([runs.get(ID), run.generationId]).toEqual([run, ID]);
  runs.remove(run);
  expect([runs.findEqual('project fingerprint'), runs.get(ID), runs.isEmpty]).toEqual([undefined, undefined, true]);
});

test('the most recent of equal requests is found, even if an earlier one ends later', () => {
  const runs = new RunRegistry();
  const [first, second] = [runs.submit('same', true), runs.submit('same', true)];
  expect(runs.findEqual('same')).toBe(second);
  runs.remove(first);
  expect(runs.findEqual('same')).toBe(second);
});

test('an earlier run of equal requests is found again when the most recent one is removed', () => {
  const runs = new RunRegistry();
  const [first, second] = [runs.submit('same', true), runs.submit('same', true)];
  expect(runs.findEqual('same', new Set([second]))).toBe(first);
  runs.remove(second);
  expect(runs.findEqual('same')).toBe(first);
});

test('only runs that are recording or active are in flight, and draining waits only for them', async () => {
  const runs = new RunRegistry();
  const run = runs.submit('a', true);
  runs.submit('waits for a generation of another process', true);
  expect(runs.inFlight).toBe(0);
  await runs.drained();
  run.phase = 'recording';
  const draining = runs.drained();
  runs.activate(run, ID);
  expect([runs.inFlight, await isSettled(draining)]).toEqual([1, false]);
  runs.remove(run);
  expect([runs.inFlight, await isSettled(draining)]).toEqual([0, true]);
});

test('a queued generation is claimed once, and can be claimed again after its run is removed', () => {
  const runs = new RunRegistry();
  const run = runs.claim(ID);
  expect(run?.hasClient).toBe(false);
  expect(runs.claim(ID)).toBeNull();
  expect(runs.withoutClient).toEqual([ID]);
  if (run) runs.remove(run);
  expect(runs.claim(ID)).not.toBeNull();
});

test('a request that joins a run gets its id and response, or the error that refused it', async () => {
  const runs = new RunRegistry();
  const run = runs.submit('a', true);
  const joined = Promise.all([run.id, run.response]);
  runs.activate(run, ID);
  const response = completeResponse(ID, [], { created: 1, extra: {} });
  run.respondWith(Promise.resolve(response));
  expect(await joined).toEqual([ID, response]);
  const refused = runs.submit('b', true);
  refused.fail(new Error('no room'));
  await expect(refused.id).rejects.toThrow('no room');
  await expect(refused.response).rejects.toThrow('no room');
});
