import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { Injectable } from '@nestjs/common';
import Negotiator from 'negotiator';

/** A file of the gallery as it is sent: the original, or one that was compressed when the gallery was built. */
export interface SentFile {
  readonly mimeType: string;
  readonly bytes: Buffer;
  /** Of the bytes as they are sent, so it differs between encodings. */
  readonly etag: string;
  /** Null for the original. */
  readonly encoding: string | null;
}

/** How the build names compressed files, the smallest first. */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['br', '.br'],
  ['gzip', '.gz'],
]);

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * The files of the built gallery, in memory: they are few and small, no path of a request reaches the disk, and a build that replaces them
 * while the service runs mixes no two versions.
 */
@Injectable()
export class GalleryFiles {
  readonly #files: ReadonlyMap<string, readonly SentFile[]>;

  private constructor(files: ReadonlyMap<string, readonly SentFile[]>) {
    this.#files = files;
  }

  /** Those of a folder; none without one. */
  static async read(folder: string | null): Promise<GalleryFiles> {
    const contents = new Map<string, Buffer>();
    const entries = folder === null ? [] : await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) contents.set(relative(folder ?? '', path).replaceAll(sep, '/'), await readFile(path));
    }
    const files = new Map<string, readonly SentFile[]>();
    for (const [name, original] of contents) {
      if ([...ENCODINGS.values()].some((end) => name.endsWith(end))) continue;
      const compressed = [...ENCODINGS].flatMap(([encoding, end]) => {
        const bytes = contents.get(name + end);
        return bytes === undefined ? [] : [sentFile(name, bytes, encoding)];
      });
      files.set(name, [...compressed, sentFile(name, original, null)]);
    }
    return new GalleryFiles(files);
  }

  /** A file by its path in the folder, in the smallest encoding that a client accepts; null if there is none. */
  find(name: string, acceptEncoding: string | undefined): SentFile | null {
    const accepted = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } }).encodings([
      ...ENCODINGS.keys(),
    ]);
    const files = this.#files.get(name) ?? [];
    return files.find(({ encoding }) => encoding === null || accepted.includes(encoding)) ?? null;
  }
}

function sentFile(name: string, bytes: Buffer, encoding: string | null): SentFile {
  const mimeType = MIME_TYPES[extname(name)] ?? 'application/octet-stream';
  return { mimeType, bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`, encoding };
}
