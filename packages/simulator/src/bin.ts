#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { DEFAULT_LATENCY_MS, DEFAULT_PORT, type SimulatorOptions } from './options.ts';
import { startSimulator } from './simulator.ts';

const HELP = `wan-image-simulator: the Wan 2.7 image API of AnyFast, offline.

  --port PORT              where to listen (${DEFAULT_PORT})
  --host HOST              on which address (127.0.0.1)
  --url-lifetime SECONDS   how long result URLs live (86400)
  --latency MS             how long a generation takes (${DEFAULT_LATENCY_MS}); thinking takes three times as long
  --stub                   answer with canned images, for load
  --stub-bytes BYTES       size of each canned image (1048576)
  --stub-delay MS          how long a canned generation takes (0)
  --help                   this text
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

/** Null where help was asked for. */
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
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const remedy = taken ? ' Stop what listens there, or give another --port (0 takes a free one).' : '';
  process.stderr.write(`wan-image-simulator: ${error instanceof Error ? error.message : String(error)}.${remedy}\n`);
  process.exit(1);
});
