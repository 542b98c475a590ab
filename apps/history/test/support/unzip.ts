import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { fromBufferPromise, type Entry } from 'yauzl';

export interface UnzippedFile {
  readonly entry: Entry;
  readonly bytes: Buffer;
}

/** The files of a zip archive by their paths, each checked against its length and its CRC. */
export async function unzip(archive: Buffer): Promise<ReadonlyMap<string, UnzippedFile>> {
  const zip = await fromBufferPromise(archive);
  const files = new Map<string, UnzippedFile>();
  for await (const entry of zip.eachEntry()) {
    const bytes = await buffer(await zip.openReadStreamPromise(entry));
    if (crc32(bytes) !== entry.crc32) throw new Error(`${entry.fileName} is damaged`);
    files.set(entry.fileName, { entry, bytes });
  }
  return files;
}
