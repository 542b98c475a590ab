import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { factsOf, toNodeError, type ErrorPlace, type NodeError } from '../errors/node-error.ts';
import { isToolRun } from '../host/agent.ts';
import { connect, type Connection } from '../host/connect.ts';
import { readConcurrency } from '../fields/options.ts';
import type { Job, PendingJob } from '../image/job.ts';
import { refuseLinksFromMemory } from '../images/agent-links.ts';
import type { Made } from '../images/image.ts';
import { jsonOf, pairedItemOf, imageItems } from '../images/image-items.ts';
import { inOrder } from './in-order.ts';
import { makeImages } from './make-images.ts';

/** What became of one request. */
interface Outcome {
  readonly items: readonly INodeExecutionData[];
  readonly errors: readonly NodeError[];
  /** Images that were made and that a failing run would lose sight of. */
  readonly paid: readonly IDataObject[];
}

/** Sends all requests, several at once where that is asked for, and gives their items in the order of the input. */
export async function runJobs(context: IExecuteFunctions, jobs: readonly PendingJob[]): Promise<INodeExecutionData[]> {
  if (jobs.length === 0) return [];
  const isTool = isToolRun(context);
  // To a language model an error is a result: of what is thrown, agents before n8n's third show it nothing at all.
  const goesOn = isTool || context.continueOnFail();
  let outcomes: readonly Outcome[];
  try {
    const run = new Run(context, await connect(context), isTool, goesOn);
    const concurrency = readConcurrency(context);
    const outcomeOf = (at: number): Promise<Outcome> => run.outcomeOf(jobs[at] as PendingJob);
    outcomes = await inOrder(jobs.length, concurrency, outcomeOf, () => run.isOver);
  } catch (cause) {
    // Of the whole run, such as a credential that cannot be read: nothing was sent.
    const error = toNodeError(context.getNode(), cause, { isTool });
    outcomes = jobs.map(({ items }) => ({ items: [errorItem(error, items, null, isTool)], errors: [error], paid: [] }));
  }
  const error = outcomes.flatMap(({ errors }) => errors)[0];
  if (error !== undefined && !goesOn) throw withPaidImages(error, outcomes);
  return outcomes.flatMap(({ items }) => items);
}

class Run {
  readonly #context: IExecuteFunctions;
  readonly #connection: Connection;
  readonly #signal: AbortSignal | undefined;
  readonly #isTool: boolean;
  readonly #goesOn: boolean;
  #hasFailed = false;
  #canLink: Promise<void> | null = null;

  constructor(context: IExecuteFunctions, connection: Connection, isTool: boolean, goesOn: boolean) {
    this.#context = context;
    this.#connection = connection;
    this.#signal = context.getExecutionCancelSignal();
    this.#isTool = isTool;
    this.#goesOn = goesOn;
  }

  /** Nothing new is sent, and paid for, for a run that gives no result. */
  get isOver(): boolean {
    return this.#signal?.aborted === true || (this.#hasFailed && !this.#goesOn);
  }

  async outcomeOf({ items, read }: PendingJob): Promise<Outcome> {
    const place: ErrorPlace = { itemIndex: items[0] ?? 0, isTool: this.#isTool };
    let job: Job | null = null;
    try {
      job = await read();
      if (this.#isTool && job.output !== 'url')
        await (this.#canLink ??= refuseLinksFromMemory(this.#context, items[0] ?? 0));
      return this.#delivered(job, await makeImages(this.#context, this.#connection, job, this.#signal), place);
    } catch (error) {
      this.#hasFailed = true;
      const known = job === null ? {} : { inputs: job.inputs, isSet: job.request.enable_sequential === true };
      const failure = toNodeError(this.#context.getNode(), error, { ...place, ...known });
      return { items: [errorItem(failure, items, null, this.#isTool)], errors: [failure], paid: [] };
    }
  }

  #delivered(job: Job, made: Made, place: ErrorPlace): Outcome {
    if (made.warning !== null) {
      this.#context.addExecutionHints({
        message: `Item ${place.itemIndex}: ${made.warning}`,
        type: 'warning',
        location: 'outputPane',
      });
    }
    // An agent gets the link to the service instead of one to n8n's copy.
    const lost = made.images.filter(({ failure, url }) => failure !== null && !(this.#isTool && url !== null));
    this.#hasFailed ||= lost.length > 0;
    const failures = lost.map((image) => ({
      image,
      error: toNodeError(this.#context.getNode(), image.failure, place),
    }));
    return {
      items: [
        ...imageItems(this.#context, job, made, this.#isTool),
        ...failures.map(({ image, error }) => errorItem(error, job.items, jsonOf(job, made, image), this.#isTool)),
      ],
      errors: failures.map(({ error }) => error),
      paid: made.images.map((image) => ({ item: place.itemIndex ?? 0, ...jsonOf(job, made, image) })),
    };
  }
}

/** What was paid for before a run failed stands in its error: without that, nobody would ever see it again. */
function withPaidImages(error: NodeError, outcomes: readonly Outcome[]): NodeError {
  const paid = outcomes.flatMap((outcome) => outcome.paid);
  if (paid.length === 0) return error;
  error.context['images'] = paid;
  const items = new Set(paid.map(({ item }) => item)).size;
  error.description = `${error.description ?? ''} Before that, ${items === 1 ? 'one item' : `${items} items`} had got ${
    paid.length === 1 ? 'one image' : `${paid.length} images`
  }, which are paid for: to keep such results, set On Error in the node's settings to continue. What is known of them stands in this error's context.`.trim();
  return error;
}

/**
 * Nothing but `error` and `message`, by which every n8n knows an item of the error output. Not by the item's own `error`: of such an item
 * n8n drops all JSON but the message, and with it the URL of an image that was paid for. A language model pays for each word, and to it
 * the message says it all.
 */
function errorItem(
  error: NodeError,
  items: readonly number[],
  image: IDataObject | null,
  isTool: boolean,
): INodeExecutionData {
  const { message } = error;
  const facts = { message, description: error.description ?? null, ...factsOf(error) };
  const json = isTool ? { error: message } : { error: image === null ? facts : { ...facts, image }, message };
  return { json, pairedItem: pairedItemOf(items) };
}
