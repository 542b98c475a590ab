import { Readable } from 'node:stream';
import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseThumbnailWidth } from '@wan-image/core';
import { Access } from '../access/access.ts';
import { noSuchImage, ImageAccess } from '../access/image-access.ts';
import { brokenRules } from '../http/api-error.ts';
import { formatFor } from '../thumbnails/thumbnail-request.ts';
import { ThumbnailsService } from '../thumbnails/thumbnails.service.ts';
import type { PassedThrough } from './pass-through.ts';
import { notStored, outside } from './image-problems.ts';
import { fileName, isUnchanged, partAsked } from './image-headers.ts';
import { ImageFilesService, type StoredImage } from './image-files.service.ts';
import { StoredImagesService } from './stored-images.service.ts';

/** A file of the store, as it is sent. */
interface SentFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly mimeType: string;
}

/** One request for an image. */
interface Asked {
  readonly imageId: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The bytes of images. Their URLs go into pages and tools that send no key; the signature in them is what opens them. */
@Controller('images')
export class ImagesController {
  readonly #access: ImageAccess;
  readonly #images: StoredImagesService;
  readonly #files: ImageFilesService;
  readonly #thumbnails: ThumbnailsService;

  constructor(
    access: ImageAccess,
    images: StoredImagesService,
    files: ImageFilesService,
    thumbnails: ThumbnailsService,
  ) {
    this.#access = access;
    this.#images = images;
    this.#files = files;
    this.#thumbnails = thumbnails;
  }

  @Get(':image_id')
  @Access('public')
  @Header('x-content-type-options', 'nosniff')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  async serve(
    @Param('image_id') imageId: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | undefined> {
    const { key, signature } = query;
    const { authorization } = request.headers;
    const problem = await this.#access.problemOf({ imageId, key, signature, authorization });
    if (problem) throw problem;
    const parsed = parseThumbnailWidth(query['width']);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    const width = parsed.value;
    const opened = await this.#images.open(imageId);
    if (!opened) throw noSuchImage();
    const asked = { imageId, request, reply };
    if ('passed' in opened) return passOn(opened.passed, asked);
    return width === null ? this.#sendOriginal(opened.kept, asked) : this.#sendThumbnail(opened.kept, width, asked);
  }

  async #sendOriginal(kept: StoredImage, asked: Asked): Promise<Readable | undefined> {
    const sent = await this.#send(kept, asked);
    if (sent === null) throw notStored('lost');
    return sent;
  }

  async #sendThumbnail(kept: StoredImage, width: number, asked: Asked): Promise<Readable | undefined> {
    const format = formatFor(asked.request.headers.accept);
    void asked.reply.header('vary', 'accept');
    // The second look is for one whose file is gone: it is made anew.
    for (let look = 1; look <= 2; look++) {
      const thumbnail = await this.#thumbnails.find(kept, width, format);
      if (thumbnail === null) break;
      const sent = await this.#send(thumbnail, asked);
      if (sent !== null) return sent;
      await this.#thumbnails.forget(thumbnail);
    }
    return this.#sendOriginal(kept, asked);
  }

  /** Null where the file is gone from the store; undefined where the caller has it already. */
  async #send(file: SentFile, { imageId, request, reply }: Asked): Promise<Readable | undefined | null> {
    const { sha256, bytes, mimeType } = file;
    const etag = `"${sha256}"`;
    void reply.header('etag', etag).type(mimeType).header('accept-ranges', 'bytes');
    // Short, and asked again after that: an image can be deleted.
    void reply.header('cache-control', 'private, max-age=60, must-revalidate');
    void reply.header('content-disposition', `inline; filename="${fileName(imageId, mimeType)}"`);
    if (isUnchanged(request.headers, etag)) return void reply.status(304);
    const part = partAsked(request, etag, bytes);
    if (part === 'unsatisfiable') throw outside(bytes);
    const stream = await this.#files.read(sha256, part === 'whole' ? undefined : part);
    if (!stream) return null;
    if (part === 'whole') void reply.header('content-length', bytes);
    else
      void reply
        .status(206)
        .header('content-length', part.end - part.start + 1)
        .header('content-range', `bytes ${part.start}-${part.end}/${bytes}`);
    return forMethod(request.method, stream);
  }
}

/** What cannot be kept is shown all the same, while the vendor has it: as it is, because a thumbnail could not be kept either. */
function passOn({ mimeType, stream }: PassedThrough, { imageId, request, reply }: Asked): Readable {
  void reply.type(mimeType).header('accept-ranges', 'none').header('cache-control', 'no-store');
  void reply.header('content-disposition', `inline; filename="${fileName(imageId, mimeType)}"`);
  return forMethod(request.method, stream);
}

/** A HEAD request has no body: without this the server would read the whole file, or download it, to throw it away. */
function forMethod(method: string, stream: Readable): Readable {
  if (method !== 'HEAD') return stream;
  stream.on('error', () => undefined).destroy();
  return Readable.from([]);
}
