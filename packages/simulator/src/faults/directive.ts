/** A fault that a prompt requests with `[[simulate …]]`, so that it can be tried from any client. */
export interface Fault {
  /** Respond with this status and an error body. */
  readonly status: number | null;
  readonly code: string | null;
  /** Value of the `retry-after` header, in seconds. */
  readonly retryAfter: string | null;
  /** The number of requests with this prompt that get the fault; null: all. */
  readonly times: number | null;
  /** Additional delay of the response, in milliseconds. */
  readonly delay: number;
  /** Close the connection after this fraction of the body; 0 closes it before the headers. */
  readonly cut: number | null;
  /** Respond with this number of images. */
  readonly partial: number | null;
  /** Respond with the error page of a proxy instead of JSON. */
  readonly html: boolean;
  /** Respond with an empty body. */
  readonly empty: boolean;
  /** Respond with an error body and status 200. */
  readonly error200: boolean;
}

export interface ReadPrompt {
  /** The prompt without the directive. */
  readonly prompt: string;
  readonly fault: Fault | null;
  /** The problem of the directive, or null. */
  readonly problem: string | null;
}

const DIRECTIVE = /\[\[\s*simulate\b([^\]]*)\]\]/i;
const WHOLE = /^\d{1,6}$/;
const KNOWN = 'status, code, retry-after, times, delay, cut, partial, html, empty, error200';

interface Form {
  /** Null for a flag, which has no value. */
  readonly pattern: RegExp | null;
  /** The end of the message for an invalid value. */
  readonly expected: string;
}

const FLAG: Form = { pattern: null, expected: 'takes no value' };

/** The syntax of each option of the directive. */
const FORMS: Readonly<Record<string, Form>> = {
  status: { pattern: /^[2-5]\d\d$/, expected: 'must be 200 to 599' },
  code: { pattern: /^[\w.]+$/, expected: 'must be one word' },
  'retry-after': { pattern: /^[\w,:.-]+$/, expected: 'must be a number of seconds' },
  times: { pattern: WHOLE, expected: 'must be a whole number' },
  delay: { pattern: WHOLE, expected: 'must be a whole number of milliseconds' },
  cut: { pattern: /^(?:0|1|0?\.\d+)$/, expected: 'must be a fraction from 0 to 1' },
  partial: { pattern: /^[1-9]\d?$/, expected: 'must be 1 to 99' },
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
  if (words.length === 0)
    return { prompt, fault: null, problem: `[[simulate]] has no options. Known options: ${KNOWN}.` };
  const problem = [...values].map(([name, value]) => wordProblem(name, value)).find((found) => found !== null) ?? null;
  return { prompt, fault: problem === null ? toFault(values) : null, problem };
}

function splitWord(word: string): [string, string | null] {
  const at = word.indexOf('=');
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function wordProblem(name: string, value: string | null): string | null {
  if (!Object.hasOwn(FORMS, name)) return `Unknown [[simulate]] option "${name}". Known options: ${KNOWN}.`;
  const { pattern, expected } = FORMS[name] ?? FLAG;
  const fits = pattern === null ? value === null : value !== null && pattern.test(value);
  const option = value === null ? name : `${name}=${value}`;
  return fits ? null : `Invalid [[simulate]] option "${option}": ${name} ${expected}.`;
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
