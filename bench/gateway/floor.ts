import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { open, rename } from 'node:fs/promises';
import { Agent, createServer, get, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';

/**
 * The floor of the gateway bench: the least that it costs on this machine to promise what history promises. One committed row before the
 * call, the image in a file that a power cut does not take, one committed end, then the response. No framework, no checks, no batching.
 * Started as `node floor.ts <port>`, with the settings of history and FLOOR_FOLDER, a folder for its images.
 */
const { DATABASE_URL, UPSTREAM_BASE_URL = '', UPSTREAM_API_KEY = '', FLOOR_FOLDER = '' } = process.env;
const port = Number(process.argv[2]);
const upstream = new Agent({ keepAlive: true });
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });

interface UpstreamImage {
  readonly b64_json?: string;
  readonly url?: string;
}

async function generate(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(incoming);
  const id = randomUUID();
  await pool.query(`insert into floor_generation (id, request, state) values ($1, $2, 'running')`, [
    id,
    body.toString(),
  ]);
  const text = await buffer(await post(body));
  const { created, data } = JSON.parse(text.toString()) as { created: number; data: readonly [UpstreamImage] };
  const [{ b64_json: base64, url }] = data;
  const image = base64 === undefined ? await download(url ?? '') : Buffer.from(base64, 'base64');
  await store(`${id}.png`, image);
  await pool.query(
    `update floor_generation set state = 'succeeded', finished_at = now(), image_bytes = $2 where id = $1`,
    [id, image.length],
  );
  const own = { created, data: [{ url: `http://127.0.0.1:${port}/images/${id}.png` }] };
  const sent = base64 === undefined ? Buffer.from(JSON.stringify(own)) : text;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': sent.length }).end(sent);
}

async function post(body: Buffer): Promise<IncomingMessage> {
  const call = request(`${UPSTREAM_BASE_URL}/v1/images/generations`, {
    method: 'POST',
    agent: upstream,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      authorization: `Bearer ${UPSTREAM_API_KEY}`,
    },
  });
  const [response] = (await once(call.end(body), 'response')) as [IncomingMessage];
  return response;
}

async function download(url: string): Promise<Buffer> {
  const [response] = (await once(get(url, { agent: upstream }), 'response')) as [IncomingMessage];
  return buffer(response);
}

/** Under another name first, so that the name never stands for half an image. */
async function store(name: string, bytes: Buffer): Promise<void> {
  const temporary = join(FLOOR_FOLDER, `${name}.tmp`);
  const file = await open(temporary, 'wx');
  await file.writeFile(bytes);
  await file.sync();
  await file.close();
  await rename(temporary, join(FLOOR_FOLDER, name));
  // Until its folder is synced, a power cut takes the new name back.
  const folder = await open(FLOOR_FOLDER, 'r');
  await folder.sync();
  await folder.close();
}

await pool.query(
  `create table floor_generation (
     id uuid primary key, request jsonb not null, state text not null,
     created_at timestamptz not null default now(), finished_at timestamptz, image_bytes bigint)`,
);
createServer((incoming, response) => {
  if (incoming.method === 'GET') response.end();
  else generate(incoming, response).catch((error: unknown) => response.destroy(error as Error));
}).listen(port, '127.0.0.1');
