import { resolveRecipes } from '@wan-image/testing/vectors';

/** A field of a form: its name, its text or bytes, and a file name for a file. */
export type FormField = readonly [name: string, value: string | Uint8Array, fileName?: string];

/** A body as bytes or text, as JSON (which may have the recipes of the vectors: `$repeat`, `$image`), or as a form. */
export type CaseBody = string | Uint8Array | { readonly json: unknown } | { readonly form: readonly FormField[] };

/** One request as a client sends it, and everything that has to come of it. A report of a client is one more of these. */
export interface RequestCase {
  readonly name: string;
  /** Settings of the service beyond those of every case. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: `POST`. */
  readonly method?: string;
  /** Default: `/v1/images/generations`. */
  readonly path?: string;
  /** Besides the API key and the content type of the body. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: CaseBody;
  readonly status: number;
  /** Headers of the response; null for one that must be absent. */
  readonly responseHeaders?: Readonly<Record<string, string | RegExp | null>>;
  /** Fields of the response. */
  readonly response?: object;
  /** Fields of the record. */
  readonly record?: object;
  /** The bodies that reached the simulator, whole and in order; data URIs are shortened. Without it, nothing may reach it. */
  readonly sent?: readonly object[];
}

/** The bytes of a body, and its content type. */
export async function encodeBody(body: CaseBody | undefined): Promise<{ body?: BodyInit; contentType?: string }> {
  if (body === undefined) return {};
  if (typeof body === 'string') return { body, contentType: 'application/json' };
  if (body instanceof Uint8Array) return { body: new Uint8Array(body), contentType: 'application/json' };
  if ('json' in body) return { body: JSON.stringify(await resolveRecipes(body.json)), contentType: 'application/json' };
  const form = new FormData();
  for (const [name, value, fileName] of body.form) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)]), fileName ?? name);
  }
  // `fetch` chooses the boundary.
  return { body: form };
}
