import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { varyBy } from '../http/cors.ts';
import { isUnchanged } from '../http/conditional.ts';
import { PAGE_ROUTES } from '../http/page-routes.ts';
import { Access } from '../http/route-access.ts';
import { noSuchRoute } from '../http/routes.ts';
import { GalleryFiles, type SentFile } from './gallery-files.ts';
import { NOT_BUILT } from './not-built.ts';

/** Names of assets contain a hash of their content. */
const FOREVER = 'public, max-age=31536000, immutable';

/** The gallery: one page, which decides in the browser what it shows, and its files. */
@Controller()
export class GalleryController {
  constructor(private readonly files: GalleryFiles) {}

  @Get([...PAGE_ROUTES])
  @Access('public')
  page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Buffer | string | undefined {
    const page = this.files.find('index.html', request.headers['accept-encoding']);
    // Revalidated: it names the assets of its version.
    if (page !== null) return send(page, 'no-cache', request, reply);
    void reply.status(503).type('text/html; charset=utf-8').header('cache-control', 'no-store');
    return NOT_BUILT;
  }

  @Get('favicon.svg')
  @Access('public')
  icon(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Buffer | undefined {
    return send(this.#find('favicon.svg', request), 'no-cache', request, reply);
  }

  @Get('assets/*')
  @Access('public')
  asset(
    @Param('*') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer | undefined {
    return send(this.#find(`assets/${name}`, request), FOREVER, request, reply);
  }

  #find(name: string, request: FastifyRequest): SentFile {
    const file = this.files.find(name, request.headers['accept-encoding']);
    if (file === null) throw noSuchRoute(request.method, request.url, []);
    return file;
  }
}

function send(file: SentFile, caching: string, request: FastifyRequest, reply: FastifyReply): Buffer | undefined {
  const { bytes, etag, mimeType, encoding } = file;
  void reply.header('cache-control', caching).header('etag', etag);
  void reply.header('vary', varyBy(reply.raw, 'accept-encoding'));
  if (isUnchanged(request.headers, etag)) return void reply.status(304);
  if (encoding !== null) void reply.header('content-encoding', encoding);
  void reply.type(mimeType).header('content-length', bytes.length);
  return bytes;
}
