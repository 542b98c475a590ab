import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseThumbnailFallback, parseThumbnailWidth } from '@wan-image/core';
import { Access } from '../http/route-access.ts';
import { ServiceAddress } from '../links/service-address.ts';
import { credentialOf } from '../http/credentials.ts';
import { contract } from '../http/contract.pipe.ts';
import { isUnchanged } from '../http/conditional.ts';
import { varyBy } from '../http/cors.ts';
import { ImageFilesService, type MeasuredImage, type StoredImage } from '../images/image-files.service.ts';
import { ApiError } from '../domain/api-error.ts';
import { notStored, outside } from '../domain/image-errors.ts';
import { PendingImages, type PassedThrough } from '../images/pending-images.service.ts';
import { formatFor } from './thumbnail-format.ts';
import { NO_THUMBNAIL, ThumbnailsService } from '../thumbnails/thumbnails.service.ts';
import { ImageAccess, noSuchImage } from './image-access.ts';
import { contentDisposition } from './file-name.ts';
import { requestedPart } from './image-headers.ts';

const WIDTH = contract(parseThumbnailWidth);
const FALLBACK = contract(parseThumbnailFallback);

/** The original or a thumbnail of an image, as a file of the store. */
interface Representation {
  readonly sha256: string;
  readonly bytes: number;
  readonly mimeType: string;
  /** Of an original whose format the service does not know: browsers save it, and never show it. */
  readonly isDownload?: boolean;
}

interface Exchange {
  readonly imageId: string;
  readonly prompt: string | null;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Serves the bytes of images. Pages and tools open their URLs without a key: the signature in the URL is the permission. */
@Controller('images')
export class ImagesController {
  constructor(
    private readonly access: ImageAccess,
    private readonly images: PendingImages,
    private readonly files: ImageFilesService,
    private readonly thumbnails: ThumbnailsService,
    private readonly address: ServiceAddress,
  ) {}

  @Get(':image_id')
  @Access('public')
  async serve(
    @Param('image_id') imageId: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable | undefined> {
    const { key, signature, project_id: projectId } = query;
    const credential = credentialOf(request, this.address.publicUrl);
    const view = await this.access.admit({ imageId, key, signature, projectId, credential });
    // After the access check, so that a client without access learns nothing else.
    const width = WIDTH.transform(query['width'], { type: 'query', data: 'width' });
    const hasFallback = FALLBACK.transform(query['fallback'], { type: 'query', data: 'fallback' });
    const opened = await this.images.open(imageId);
    if (!opened) throw view.isSigned ? deletedForGood() : noSuchImage();
    if (opened.isBinned && !(await view.maySeeBin())) {
      if ('passed' in opened) opened.passed.stream.destroy();
      throw noSuchImage();
    }
    const exchange = { imageId, prompt: await view.prompt, request, reply };
    if ('passed' in opened) return passThrough(opened.passed, exchange);
    const { kept } = opened;
    if (width === null || !isMeasured(kept)) return this.sendOriginal(kept, exchange);
    return this.sendThumbnail(kept, width, exchange).catch((error: unknown) => {
      if (hasFallback && error instanceof ApiError && error.code === NO_THUMBNAIL)
        return this.sendOriginal(kept, exchange);
      throw error;
    });
  }

  private async sendOriginal(image: StoredImage, exchange: Exchange): Promise<Readable | undefined> {
    const sent = await this.send({ ...image, isDownload: !isMeasured(image) }, exchange);
    if (sent === null) throw notStored('lost');
    return sent;
  }

  private async sendThumbnail(image: MeasuredImage, width: number, exchange: Exchange): Promise<Readable | undefined> {
    const format = formatFor(exchange.request.headers.accept);
    void exchange.reply.header('vary', varyBy(exchange.reply.raw, 'accept'));
    // Twice, for a thumbnail whose file is missing: it is rendered again.
    for (let attempt = 1; attempt <= 2; attempt++) {
      const thumbnail = await this.thumbnails.find(image, width, format);
      if (thumbnail === null) break;
      const sent = await this.send(thumbnail, exchange);
      if (sent !== null) return sent;
      await this.thumbnails.forget(thumbnail);
    }
    return this.sendOriginal(image, exchange);
  }

  /** Null if the file is missing from the store; undefined if the client already has it. */
  private async send(
    { sha256, bytes, mimeType, isDownload = false }: Representation,
    { imageId, prompt, request, reply }: Exchange,
  ): Promise<Readable | undefined | null> {
    const etag = `"${sha256}"`;
    void reply.header('etag', etag).type(mimeType).header('accept-ranges', 'bytes');
    // Short, and revalidated after that: an image can be deleted.
    void reply.header('cache-control', 'private, max-age=60, must-revalidate');
    void reply.header('content-disposition', contentDisposition({ imageId, prompt, mimeType, isDownload }));
    if (isUnchanged(request.headers, etag)) return void reply.status(304);
    const part = requestedPart(request, etag, bytes);
    if (part === 'unsatisfiable') throw outside(bytes);
    const stream = await this.files.read(sha256, part === 'whole' ? undefined : part);
    if (!stream) return null;
    if (part === 'whole') void reply.header('content-length', bytes);
    else
      void reply
        .status(206)
        .header('content-length', part.end - part.start + 1)
        .header('content-range', `bytes ${part.start}-${part.end}/${bytes}`);
    return bodyFor(request.method, stream);
  }
}

function deletedForGood(): ApiError {
  const message = 'This image was deleted for good.';
  return new ApiError(message, { status: 410, type: 'not_found_error', code: 'image_deleted' });
}

function isMeasured(image: StoredImage): image is MeasuredImage {
  return image.width !== null && image.height !== null;
}

/**
 * Streams an image that cannot be stored from the upstream, as long as its URL works. Without a thumbnail, which could not be stored
 * either.
 */
function passThrough(
  { mimeType, isImage, stream }: PassedThrough,
  { imageId, prompt, request, reply }: Exchange,
): Readable {
  void reply.type(mimeType).header('accept-ranges', 'none').header('cache-control', 'no-store');
  void reply.header('content-disposition', contentDisposition({ imageId, prompt, mimeType, isDownload: !isImage }));
  return bodyFor(request.method, stream);
}

/** A response to HEAD has no body: without this the server would read or download the whole file to discard it. */
function bodyFor(method: string, stream: Readable): Readable {
  if (method !== 'HEAD') return stream;
  stream.on('error', () => undefined).destroy();
  return Readable.from([]);
}
