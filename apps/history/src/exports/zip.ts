import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** A file of an archive. */
export interface ZipEntry {
  readonly path: string;
  readonly modified: Date;
  /** Read at the speed of the reader of the archive, and destroyed if it is not read to its end. */
  readonly content: Readable;
  /** The length of the content, if it is known: an archive with another one is no archive of it. */
  readonly bytes?: number;
}

/** UTF-8 names, no compression: images are compressed, and a reader may want one file of many. */
const STORED = { compress: false, mode: 0o644 } as const;

/**
 * A zip archive, while it is read. An entry is asked for when the one before it has been read. Rejects if an entry fails, or is longer or
 * shorter than its `bytes`: the archive then has no end, and no program takes it for a whole one.
 */
export async function* zipOf(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array, void, void> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const open = new Set<Readable>();
  let isStopped = false;
  const fail = (error: unknown): void => void output.destroy(error as Error);
  zip.on('error', fail);
  const add = async (): Promise<void> => {
    for await (const { path, modified, content, bytes } of entries) {
      open.add(content);
      if (isStopped) break;
      zip.addReadStream(content, path, { ...STORED, mtime: modified, ...(bytes !== undefined && { size: bytes }) });
      await finished(content);
      open.delete(content);
    }
    zip.end();
  };
  const adding = add().catch(fail);
  try {
    yield* output;
  } finally {
    isStopped = true;
    output.destroy();
    const stop = (): void => open.forEach((content) => content.on('error', () => undefined).destroy());
    stop();
    await adding;
    // One that was opened meanwhile.
    stop();
  }
}
