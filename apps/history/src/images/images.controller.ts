import type { Readable } from 'node:stream';
import { Controller, Get, Header, Headers, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiError, notFound } from '../http/api-error.ts';
import { readRange } from './byte-range.ts';
import { PicturesService } from './pictures.service.ts';
import { StoredImagesService } from './stored-images.service.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
};

/** The bytes of pictures. Their URLs go into pages and tools that send no key; the id of 74 random bits is what opens them. */
@Controller('images')
export class ImagesController {
  readonly #images: StoredImagesService;
  readonly #pictures: PicturesService;

  constructor(images: StoredImagesService, pictures: PicturesService) {
    this.#images = images;
    this.#pictures = pictures;
  }

  @Get(':image_id')
  @Header('x-content-type-options', 'nosniff')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  // Short, and asked again after that: a picture can be deleted.
  @Header('cache-control', 'private, max-age=60, must-revalidate')
  @Header('accept-ranges', 'bytes')
  async serve(
    @Param('image_id') imageId: string,
    @Headers('range') range: string | undefined,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Headers('if-range') ifRange: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | undefined> {
    const image = await this.#images.find(imageId);
    if (!image) throw notFound('This picture');
    const { sha256, bytes, mimeType } = image;
    if (image.state !== 'stored' || sha256 === null || bytes === null || mimeType === null)
      throw notStored(image.state);
    const etag = `"${sha256}"`;
    void reply.header('etag', etag).type(mimeType);
    void reply.header('content-disposition', `inline; filename="${imageId}.${EXTENSIONS[mimeType] ?? 'bin'}"`);
    if (matches(ifNoneMatch, etag)) return void reply.status(304);
    const part = ifRange === undefined || ifRange === etag ? readRange(range, bytes) : 'whole';
    if (part === 'unsatisfiable') throw outside(bytes);
    const stream = await this.#pictures.read(sha256, part === 'whole' ? undefined : part);
    if (!stream) throw notStored('lost');
    if (part === 'whole') void reply.header('content-length', bytes);
    else
      void reply
        .status(206)
        .header('content-length', part.end - part.start + 1)
        .header('content-range', `bytes ${part.start}-${part.end}/${bytes}`);
    return stream;
  }
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}

function notStored(state: string | null): ApiError {
  return state === 'lost'
    ? new ApiError('The bytes of this picture are lost: they could not be fetched before the vendor deleted them.', {
        status: 410,
        type: 'not_found_error',
        code: 'image_lost',
      })
    : new ApiError('This picture is paid for but could not be fetched from the vendor yet. Try again in a minute.', {
        status: 503,
        type: 'server_error',
        code: 'image_pending',
        headers: { 'retry-after': '60' },
      });
}

function outside(bytes: number): ApiError {
  return new ApiError(`The picture has ${bytes} bytes; the range asked for lies outside.`, {
    status: 416,
    type: 'invalid_request_error',
    code: 'range_not_satisfiable',
    headers: { 'content-range': `bytes */${bytes}` },
  });
}
