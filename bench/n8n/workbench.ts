import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { startN8n, type Item, type N8nServer } from './host.ts';
import { cpuMs, peakMB, resetPeak, rssMB } from '../support/process-memory.ts';
import { imageOf, readPrompt, RESPONSES } from './responses.ts';
import { MAKER, SIDES, workflowOf, type SideName } from './sides.ts';

export interface Setup {
  /** Address of the stub. */
  readonly server: string;
  readonly tarball: string;
  /** For n8n's user folder. */
  readonly folder: string;
}

export interface Measured {
  /** From start to stop as n8n records it. */
  readonly n8nMs: number;
  /** From the request to the webhook to its response. */
  readonly callerMs: number;
  readonly cpuMs: number;
  readonly rssBeforeMB: number;
  readonly rssPeakMB: number;
  /** Requests to the stub. */
  readonly calls: number;
  /** Images that are not at the index of their prompt. */
  readonly outOfPlace: number;
}

/**
 * Lets the work that follows a run end. No garbage collection is forced: it would free space within the heap, and the memory of the next
 * run would not show as growth.
 */
const SETTLE_MS = 1000;

/** A real n8n with a workflow for each side. */
export class Workbench implements AsyncDisposable {
  readonly #n8n: N8nServer & AsyncDisposable;
  readonly #server: string;
  readonly #workflows = new Map<SideName, string>();

  static async open(sides: readonly SideName[], { server, tarball, folder }: Setup): Promise<Workbench> {
    const n8n = await startN8n({
      tarball,
      folder: join(folder, `n8n-${Date.now()}`),
      environment: { N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' },
    });
    const bench = new Workbench(n8n, server);
    for (const side of sides) await bench.#add(side);
    return bench;
  }

  private constructor(n8n: N8nServer & AsyncDisposable, server: string) {
    this.#n8n = n8n;
    this.#server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#n8n[Symbol.asyncDispose]();
  }

  async #add(side: SideName): Promise<void> {
    const { credential, credentialFor } = SIDES[side];
    const credentialId = await this.#n8n.createCredential(credential, credential, credentialFor(this.#server));
    const workflow = await this.#n8n.createWorkflow(workflowOf(side, credentialId, pathOf(side)));
    await this.#n8n.activate(workflow);
    this.#workflows.set(side, workflow);
  }

  /** One run of the side's workflow with an item for each prompt. */
  async run(side: SideName, prompts: readonly string[]): Promise<Measured> {
    const { pid } = this.#n8n;
    await sleep(SETTLE_MS);
    await this.#prompts();
    resetPeak(pid);
    const [rssBeforeMB, cpuBefore, started] = [rssMB(pid), cpuMs(pid), performance.now()];
    await this.#call(side, prompts);
    const callerMs = performance.now() - started;
    const figures = { callerMs, cpuMs: cpuMs(pid) - cpuBefore, rssBeforeMB, rssPeakMB: peakMB(pid) };
    const received = await this.#prompts();
    return { ...figures, ...(await this.#outcome(side, prompts)), calls: received.length };
  }

  /** n8n responds with 404 until the triggers of the workflow are active. */
  async #call(side: SideName, prompts: readonly string[]): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.#n8n.url}/webhook/${pathOf(side)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompts }),
      });
      const text = await response.text();
      if (response.ok) return;
      if (response.status !== 404) throw new Error(`${side}: n8n responded with ${response.status} ${text}`);
      await sleep(100);
    }
  }

  async #outcome(
    side: SideName,
    prompts: readonly string[],
  ): Promise<{ readonly n8nMs: number; readonly outOfPlace: number }> {
    const workflowId = this.#workflows.get(side);
    const filter = encodeURIComponent(JSON.stringify({ workflowId }));
    const found = await this.#n8n.request('GET', `/rest/executions?filter=${filter}&limit=1`);
    const [latest] = (found as { results: readonly { id: string; startedAt: string; stoppedAt: string }[] }).results;
    if (latest === undefined) throw new Error(`${side}: n8n has no execution`);
    const { status, error, runData } = await this.#n8n.ended(latest.id);
    if (status !== 'success') throw new Error(`${side} failed: ${error?.message ?? status}\n${this.#n8n.log()}`);
    const items = runData[MAKER]?.[0]?.data?.['main']?.[0] ?? [];
    const n8nMs = Date.parse(latest.stoppedAt) - Date.parse(latest.startedAt);
    return { n8nMs, outOfPlace: await this.#outOfPlace(items, prompts) };
  }

  /** One image after the other: together they may be larger than the memory. */
  async #outOfPlace(items: readonly Item[], prompts: readonly string[]): Promise<number> {
    const expected = prompts.flatMap((prompt) =>
      Array.from({ length: RESPONSES[readPrompt(prompt).name].images }, (_, index) => ({ prompt, index })),
    );
    if (items.length !== expected.length)
      throw new Error(`${items.length} images arrived instead of ${expected.length}`);
    let count = 0;
    for (const [at, { prompt, index }] of expected.entries()) {
      const item = items[at];
      if (item === undefined || !imageOf(prompt, index).equals(await this.#file(item))) count++;
    }
    return count;
  }

  async #file({ binary = {} }: Item): Promise<Buffer> {
    const { data } = binary;
    return data === undefined ? Buffer.alloc(0) : this.#n8n.binary(data);
  }

  async #prompts(): Promise<readonly string[]> {
    return (await (await fetch(`${this.#server}/prompts`)).json()) as readonly string[];
  }
}

function pathOf(side: SideName): string {
  return side.replaceAll(/\W+/g, '-').toLowerCase();
}
