import { expect, test } from 'vitest';
import { ShutdownPhases } from './shutdown-phases.ts';

test('all handlers of a phase run, and no other, also where one fails', async () => {
  const phases = new ShutdownPhases();
  const ran: string[] = [];
  phases.on('stop', () => Promise.reject(new Error('the disk is gone')));
  phases.on('stop', async () => void ran.push('downloads'));
  phases.on('flush', () => void ran.push('outcomes'));
  await expect(phases.run('stop')).rejects.toThrow('The shutdown phase stop failed');
  expect(ran).toEqual(['downloads']);
  await phases.run('flush');
  expect(ran).toEqual(['downloads', 'outcomes']);
  await expect(phases.run('drain')).resolves.toBeUndefined();
});
