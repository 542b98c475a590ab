/** A fault that a prompt asks for with `[[simulate …]]`, so that anyone can try one from any client. */
export interface Fault {
  /** Answer with this status and an error body. */
  readonly status: number | null;
  readonly code: string | null;
  /** Value of the `retry-after` header, in seconds. */
  readonly retryAfter: string | null;
  /** Only the first so many requests with this prompt have the fault. */
  readonly times: number | null;
  /** Wait so long before answering, in milliseconds. */
  readonly delay: number;
  /** Cut the connection after this fraction of the body; 0 cuts before the headers. */
  readonly cut: number | null;
  /** Answer with so many pictures. */
  readonly partial: number | null;
  /** A web page as a proxy gives it, instead of JSON. */
  readonly html: boolean;
  /** An empty body. */
  readonly empty: boolean;
  /** An error body under status 200. */
  readonly error200: boolean;
}

export interface ReadPrompt {
  /** The prompt without the directive. */
  readonly prompt: string;
  readonly fault: Fault | null;
  /** What is wrong with the directive, or null. */
  readonly problem: string | null;
}

const DIRECTIVE = /\[\[simulate\s*([^\]]*)\]\]/i;
const WHOLE = /^\d{1,6}$/;
const KNOWN = 'status, code, retry-after, times, delay, cut, partial, html, empty, error200';

/** What each word of the directive must look like; a flag has no value. */
const FORMS: Readonly<Record<string, RegExp | null>> = {
  status: /^[2-5]\d\d$/,
  code: /^[\w.]+$/,
  'retry-after': /^[\w ,:.-]+$/,
  times: WHOLE,
  delay: WHOLE,
  cut: /^(?:0|1|0?\.\d+)$/,
  partial: /^\d{1,2}$/,
  html: null,
  empty: null,
  error200: null,
};

export function readPrompt(text: string): ReadPrompt {
  const match = DIRECTIVE.exec(text);
  if (!match) return { prompt: text, fault: null, problem: null };
  const prompt = text.replace(DIRECTIVE, '').trim();
  const words = (match[1] ?? '').split(/\s+/).filter((word) => word !== '');
  const values = new Map(words.map((word) => splitWord(word)));
  const problem = [...values].map(([name, value]) => wordProblem(name, value)).find((found) => found !== null) ?? null;
  return { prompt, fault: problem === null ? toFault(values) : null, problem };
}

function splitWord(word: string): [string, string | null] {
  const at = word.indexOf('=');
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function wordProblem(name: string, value: string | null): string | null {
  if (!Object.hasOwn(FORMS, name)) return `[[simulate]] does not know "${name}". It knows ${KNOWN}.`;
  const form = FORMS[name] ?? null;
  const fits = form === null ? value === null : value !== null && form.test(value);
  return fits ? null : `[[simulate]] cannot read "${name}${value === null ? '' : `=${value}`}".`;
}

function toFault(values: ReadonlyMap<string, string | null>): Fault {
  const number = (name: string): number | null => {
    const value = values.get(name);
    return value === undefined || value === null ? null : Number(value);
  };
  return {
    status: number('status'),
    code: values.get('code') ?? null,
    retryAfter: values.get('retry-after') ?? null,
    times: number('times'),
    delay: number('delay') ?? 0,
    cut: number('cut'),
    partial: number('partial'),
    html: values.has('html'),
    empty: values.has('empty'),
    error200: values.has('error200'),
  };
}
