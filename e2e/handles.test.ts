import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { disposable } from '@wan-image/testing/resource';
import { afterAll, expect, test } from 'vitest';
import type { Phase, Report } from './support/abort.ts';

/** After an abort nothing of the call keeps the process alive, in whichever phase the call was. */
interface Scene {
  /** A server that lets a call get as far as the phase and no further. It reports when it sees that phase. */
  readonly start: (onPhase: () => void) => Promise<{ readonly url: string } & AsyncDisposable>;
  /** The resources that are open in the phase, and could stay open. */
  readonly open: readonly string[];
  readonly error: object;
}

const CONNECTION = ['TCPSocketWrap', 'Timeout'];
const inFlight = {
  kind: 'canceled',
  outcome: 'unknown',
  message: expect.stringContaining('before a response arrived'),
};

const SCENES: Readonly<Record<Phase, Scene>> = {
  connecting: {
    start: (onPhase) => startSilentServer('https', onPhase),
    open: CONNECTION,
    // No connection existed on which the request could have been sent.
    error: { kind: 'canceled', outcome: 'not_billed', attempts: 1 },
  },
  sending: { start: (onPhase) => startSilentServer('http', onPhase), open: CONNECTION, error: inFlight },
  waiting: { start: (onPhase) => startTestServer(onPhase), open: CONNECTION, error: inFlight },
  reading: {
    start: () => startTestServer((_request, response) => void response.write('{"created": 1785312000, "data": [')),
    open: CONNECTION,
    error: { kind: 'canceled', outcome: 'unknown', message: expect.stringContaining('after 33 bytes') },
  },
  sleeping: {
    start: () => startTestServer((_request, response) => sendJson(response, 429, {}, { 'retry-after': '30' })),
    open: ['Timeout'],
    // Nothing was in flight, so the error is that of the last response.
    error: { kind: 'rate_limited', outcome: 'not_billed', attempts: 1 },
  },
  downloading: {
    start: () => startTestServer((_request, response) => void response.write('the beginning')),
    open: CONNECTION,
    error: { kind: 'canceled', outcome: 'billed', message: expect.stringContaining('after 13 bytes') },
  },
};

const settled: string[] = [];
afterAll(() => void process.stdout.write(`\nFrom abort to rejection: ${settled.join(', ')}\n`));

test.each(Object.entries(SCENES))('an abort while %s leaves nothing open', async (phase, { start, open, error }) => {
  let onPhase = (): void => undefined;
  await using server = await start(() => onPhase());
  const program = fileURLToPath(new URL('support/abort.ts', import.meta.url));
  const child = spawn(process.execPath, [program, phase, server.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ends a child that would run for ever; its exit code is then null.
    timeout: 120_000,
  });
  onPhase = () => void child.stdin.end();
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const report = JSON.parse(printed) as Report;
  settled.push(`${phase} ${report.settledMs?.toFixed(1)} ms`);
  expect(report.settledMs).not.toBeNull();
  expect(report.error).toMatchObject(error);
  expect(report.before).toEqual(expect.arrayContaining([...open]));
  expect(report.after).toEqual([]);
  expect(code).toBe(0);
});

/** Accepts, reads the first bytes and then neither reads nor writes: for TLS, a handshake that does not end. */
async function startSilentServer(
  protocol: 'http' | 'https',
  onPhase: () => void,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    // The client resets the connection.
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.pause();
      onPhase();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return disposable({ url: `${protocol}://127.0.0.1:${port}` }, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}
