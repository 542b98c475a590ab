import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadImageUrl } from '../images/image-url.ts';
import type { Renderer } from '../render/renderer.ts';
import { send } from './response.ts';

/** Serves result URLs like the vendor's object store: they are signed, expire, and refuse an Authorization header. */
export async function serveImage(
  request: IncomingMessage,
  response: ServerResponse,
  url: ReadImageUrl,
  renderer: Renderer,
): Promise<void> {
  if (request.headers.authorization !== undefined) {
    return refuse(
      response,
      'Only one auth mechanism allowed: the Signature in the query, or the Authorization header.',
    );
  }
  if (!url.ok)
    return refuse(
      response,
      url.reason === 'expired' ? 'Request has expired.' : 'The request signature does not match.',
    );
  const png = await renderer.render(url.spec);
  sendPng(request, response, png);
}

export function sendPng(request: IncomingMessage, response: ServerResponse, png: Buffer): void {
  if (request.method === 'HEAD')
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': png.length }).end();
  else send(response, 200, png, { 'content-type': 'image/png' });
}

function refuse(response: ServerResponse, message: string): void {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>\n`;
  send(response, 403, xml, { 'content-type': 'application/xml' });
}
