#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { DEFAULT_LATENCY_MS, DEFAULT_PORT, type SimulatorOptions } from './options.ts';
import { startSimulator } from './simulator.ts';

const HELP = `wan-image-simulator: the Wan 2.7 image API of AnyFast, offline.

  --port PORT              port to listen on, 0 for a free one (${DEFAULT_PORT})
  --host HOST              address to listen on (127.0.0.1)
  --url-lifetime SECONDS   lifetime of result URLs (86400)
  --latency MS             duration of a generation (${DEFAULT_LATENCY_MS}); three times as long with thinking
  --stub                   respond with canned images, for load tests
  --stub-bytes BYTES       size of each canned image (1048576)
  --stub-delay MS          duration of a canned generation (0)
  --help                   show this text
`;

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) return void process.stdout.write(HELP);
  const simulator = await startSimulator(options);
  process.stdout.write(`The simulator listens on ${simulator.url} (any Bearer token but "invalid")\n`);
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Null for --help. */
function readOptions(): SimulatorOptions | null {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      host: { type: 'string', default: '127.0.0.1' },
      'url-lifetime': { type: 'string', default: '86400' },
      latency: { type: 'string', default: String(DEFAULT_LATENCY_MS) },
      stub: { type: 'boolean', default: false },
      'stub-bytes': { type: 'string', default: '1048576' },
      'stub-delay': { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const stub = {
    imageBytes: wholeNumber('stub-bytes', values['stub-bytes']),
    delayMs: wholeNumber('stub-delay', values['stub-delay']),
  };
  return {
    port: wholeNumber('port', values.port),
    host: values.host,
    urlLifetimeSeconds: wholeNumber('url-lifetime', values['url-lifetime']),
    latencyMs: wholeNumber('latency', values.latency),
    ...(values.stub ? { stub } : {}),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, got "${text}".`);
  return Number(text);
}

main().catch((error: unknown) => {
  const isPortInUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const remedy = isPortInUse ? ' Stop the process that uses the port, or pass another --port (0 for a free one).' : '';
  process.stderr.write(`wan-image-simulator: ${error instanceof Error ? error.message : String(error)}.${remedy}\n`);
  process.exit(1);
});
