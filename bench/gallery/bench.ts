import { parseArgs } from 'node:util';
import { openBrowser } from '@wan-image/e2e/browser';
import { startServer, SETTINGS } from '../history/server.ts';
import { machine } from '../support/machine.ts';
import { rowsTable } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { galleryData, startGalleryService } from './make.ts';
import { rowsOf, visit, type GalleryRun } from './visit.ts';

const HELP = `pnpm bench gallery [--images 1000000]  measures the page with so many images in Chromium, or makes them first

The database and the files stay in bench/results; a million images take 4 GB and some minutes to make. Needs Linux, Chromium and an otherwise
idle machine.
`;

/** Visits, of which the median counts. */
const VISITS = 3;

/** Measures the gallery as it is built and served: `pnpm bench` builds it first. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { images: { type: 'string', default: '1000000' }, help: { type: 'boolean' } },
  });
  if (values.help === true) return print(HELP);
  const images = Number(values.images);
  if (!Number.isSafeInteger(images) || images < 1000) throw new Error('--images takes a number from 1000 on.');
  const about = { machine: machine(), settings: SETTINGS, started: new Date().toISOString() };
  print(`${JSON.stringify(about.machine)}\n`);
  await using server = await startServer();
  const data = await galleryData(server, images);
  const runs: GalleryRun[] = [];
  await withFolder(async (folder) => {
    await using service = await startGalleryService(data, folder);
    await using browser = await openBrowser();
    for (let count = 0; count < VISITS; count++) {
      const one = await visit(browser, service.url);
      print(`${JSON.stringify(one)}\n`);
      runs.push(one);
    }
  });
  const rows = rowsOf(runs, images);
  print(`\n${rowsTable(rows)}`);
  print(`\nraw runs: ${await store('gallery', { ...about, rows, runs })}\n`);
  print(`${JSON.stringify({ bench: 'gallery', rows })}\n`);
  return undefined;
}
