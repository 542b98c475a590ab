import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openapiDocument } from '../../src/boot/openapi-document.ts';
import {
  errorResponse,
  SCHEMA_PREFIX,
  schemaRef,
  type Operation,
  type ResponseObject,
} from '../../src/http/openapi.ts';
import { PAGE_ROUTES } from '../../src/http/page-routes.ts';
import { HEADER_NAMES } from '../../src/http/openapi-headers.ts';

/** The head of a response, as far as the document describes it. */
interface Head {
  readonly status: number;
  readonly headers: Headers;
}

export const DOCUMENT = openapiDocument();

/** Pages and their files, which the document leaves out: by path, or by the pattern of their route. */
export function isPage(path: string): boolean {
  return /^\/(?:docs|openapi\.json|assets\/|favicon\.svg$)/.test(path) || PAGES.some((page) => page.test(path));
}

const PAGES = PAGE_ROUTES.map((route) => new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}/?$`));

const EVENTS = 'text/event-stream';

/** The schemas of the event data, which OpenAPI 3.1 can describe only in prose. */
const EVENT_SCHEMAS: Readonly<Record<string, object>> = {
  image: schemaRef('Image'),
  state: schemaRef('GenerationStateChange'),
};

/** A longer parameter matches no route: Fastify rejects it. */
const PARAMETER = '[^/]{1,100}';

const PATHS = Object.entries(DOCUMENT.paths).map(([path, methods]) => ({
  path,
  methods: methods as Readonly<Record<string, Operation>>,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, PARAMETER)}$`),
}));

/** Finds the operation of a request. HEAD is documented with its GET. */
function operationOf(method: string, url: string): Operation | undefined {
  const { pathname } = new URL(url);
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  // A path without parameters first, as a router takes them: `/v1/generations/bulk` is no id.
  const matching = PATHS.filter(({ pattern }) => pattern.test(pathname));
  return (matching.find(({ path }) => path === pathname) ?? matching[0])?.methods[name];
}

/** Throws if the document does not have the status, the content type or a header of a response. */
export function checkHead(method: string, url: string, head: Head): void {
  const documented = documentOf(method, url, head);
  if (documented === null) return;
  const { headers = {}, content = {} } = documented;
  for (const [name, header] of Object.entries(headers))
    if (isRequired(header) && !head.headers.has(name))
      throw drift(method, url, head, `lacks the required header ${name}`);
  for (const name of HEADER_NAMES)
    if (head.headers.has(name) && !(name in headers)) throw drift(method, url, head, `has the header ${name}`);
  if (Object.keys(content).length > 0 && contentOf(documented, head) === undefined)
    throw drift(method, url, head, `has the content type ${head.headers.get('content-type')}`);
}

/** Throws if the body of a response does not match its schema. */
export function checkBody(method: string, url: string, head: Head, text: string): void {
  const documented = documentOf(method, url, head);
  if (documented === null || method === 'HEAD') return;
  const schema = contentOf(documented, head)?.schema;
  if (schema === undefined) {
    if (text !== '') throw drift(method, url, head, 'has a body');
    return;
  }
  const values = typeOf(head) === EVENTS ? eventsOf(text) : [{ value: JSON.parse(text) as unknown, schema }];
  for (const one of values) {
    const validate = one.schema && validatorOf(one.schema);
    if (validate?.(one.value)) continue;
    const problem = validate ? ajv.errorsText(validate.errors) : 'unknown event';
    throw drift(method, url, head, `does not match its schema (${problem}): ${JSON.stringify(one.value)}`);
  }
}

function eventsOf(text: string): { readonly value: unknown; readonly schema: object | undefined }[] {
  return [...text.matchAll(/^event: (.+)\nid: .+\ndata: (.+)$/gm)].map(([, event = '', data = '']) => ({
    value: JSON.parse(data) as unknown,
    schema: EVENT_SCHEMAS[event],
  }));
}

function isRequired(header: NonNullable<ResponseObject['headers']>[string]): boolean {
  if (!('$ref' in header)) return header.required ?? false;
  const shared = DOCUMENT.components?.headers?.[header.$ref.split('/').at(-1) ?? ''];
  return shared !== undefined && isRequired(shared);
}

/** Whether the document describes the content of the body. */
export function hasCheckedBody(head: Head): boolean {
  return ['', 'application/json', EVENTS].includes(typeOf(head));
}

function typeOf({ headers }: Head): string {
  return headers.get('content-type')?.split(';')[0] ?? '';
}

/** Null for HTML pages. An undocumented route may only return errors, as an unknown route does. */
function documentOf(method: string, url: string, { status }: Head): ResponseObject | null {
  const { pathname } = new URL(url);
  if (isPage(pathname)) return null;
  const operation = operationOf(method, url);
  if (operation === undefined) {
    if (status >= 400) return UNKNOWN_ROUTE;
    throw new Error(
      `${method} ${pathname} responded with ${status}, but the OpenAPI document has no such route. Add it to the *.openapi.ts beside its controller.`,
    );
  }
  const { responses } = operation;
  const found = responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
  if (found !== undefined && !('$ref' in found)) return found;
  throw new Error(
    `${method} ${pathname} responded with ${status}, which the OpenAPI document does not list. Add it to the responses of ${operation.operationId} in its *.openapi.ts.`,
  );
}

const UNKNOWN_ROUTE = errorResponse('A refusal.', { sometimes: ['www-authenticate', 'retry-after'] });

function contentOf(
  { content = {} }: ResponseObject,
  head: Head,
): NonNullable<ResponseObject['content']>[string] | undefined {
  const type = typeOf(head);
  return content[type] ?? content[`${type.split('/')[0]}/*`] ?? content['*/*'];
}

function drift(method: string, url: string, { status }: Head, what: string): Error {
  return new Error(
    `${method} ${new URL(url).pathname}: the ${status} response ${what}, which the OpenAPI document does not say. Change ${operationOf(method, url)?.operationId ?? 'the service'} or its *.openapi.ts.`,
  );
}

// Formats need another package, and the service validates them itself.
const ajv = new Ajv2020({ allowUnionTypes: true, validateFormats: false });
ajv.addSchema({ $id: 'openapi', $defs: closed(withRefs(DOCUMENT.components?.schemas)) });

const validators = new Map<object, ValidateFunction>();

/** Compiles each schema of the document once. */
export function validatorOf(schema: object): ValidateFunction {
  const validator = validators.get(schema) ?? ajv.compile(withRefs(schema));
  validators.set(schema, validator);
  return validator;
}

/** A schema with references to those of the document. */
function withRefs<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll(`"${SCHEMA_PREFIX}`, '"openapi#/$defs/')) as T;
}

/** Forbids fields that an object schema does not name: clients must accept them, but the document must have them. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return inner['type'] === 'object' && 'properties' in inner ? { additionalProperties: false, ...inner } : inner;
}
