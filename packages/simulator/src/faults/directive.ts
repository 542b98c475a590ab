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
  /** Answer with so many images. */
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

const DIRECTIVE = /\[\[\s*simulate\b([^\]]*)\]\]/i;
const WHOLE = /^\d{1,6}$/;
const KNOWN = 'status, code, retry-after, times, delay, cut, partial, html, empty, error200';

interface Form {
  /** Null for a flag, which has no value. */
  readonly pattern: RegExp | null;
  /** What is right, for the one who wrote something else. */
  readonly expected: string;
}

const FLAG: Form = { pattern: null, expected: 'stands alone, without a value' };

/** What each word of the directive must look like. */
const FORMS: Readonly<Record<string, Form>> = {
  status: { pattern: /^[2-5]\d\d$/, expected: 'is 200 to 599' },
  code: { pattern: /^[\w.]+$/, expected: 'is one word' },
  'retry-after': { pattern: /^[\w,:.-]+$/, expected: 'is a number of seconds' },
  times: { pattern: WHOLE, expected: 'is a whole number' },
  delay: { pattern: WHOLE, expected: 'is a whole number of milliseconds' },
  cut: { pattern: /^(?:0|1|0?\.\d+)$/, expected: 'is a fraction from 0 to 1' },
  partial: { pattern: /^[1-9]\d?$/, expected: 'is 1 to 99' },
  html: FLAG,
  empty: FLAG,
  error200: FLAG,
};

export function readPrompt(text: string): ReadPrompt {
  const match = DIRECTIVE.exec(text);
  if (!match) return { prompt: text, fault: null, problem: null };
  const prompt = text.replace(DIRECTIVE, '').trim();
  const words = (match[1] ?? '').split(/\s+/).filter((word) => word !== '');
  const values = new Map(words.map((word) => splitWord(word)));
  if (words.length === 0) return { prompt, fault: null, problem: `[[simulate]] says nothing. It knows ${KNOWN}.` };
  const problem = [...values].map(([name, value]) => wordProblem(name, value)).find((found) => found !== null) ?? null;
  return { prompt, fault: problem === null ? toFault(values) : null, problem };
}

function splitWord(word: string): [string, string | null] {
  const at = word.indexOf('=');
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function wordProblem(name: string, value: string | null): string | null {
  if (!Object.hasOwn(FORMS, name)) return `[[simulate]] does not know "${name}". It knows ${KNOWN}.`;
  const { pattern, expected } = FORMS[name] ?? FLAG;
  const fits = pattern === null ? value === null : value !== null && pattern.test(value);
  const given = value === null ? name : `${name}=${value}`;
  return fits ? null : `[[simulate]] cannot read "${given}": ${name} ${expected}.`;
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
