import { sleep } from 'n8n-workflow';
import type { IDataObject } from 'n8n-workflow';

/** `new`; `received` before; or another request with it is in flight, so that it is not known yet whether n8n accepts it. */
export type Claim = 'new' | 'received' | 'in_flight';

/** How many ids are kept. A service tries an event again after seconds to hours, and n8n writes the whole list for each event. */
const MAX_IDS = 500;

/** The field of the static data. */
const FIELD = 'received';

/**
 * The ids of the events that a webhook has received. They are in the static data of the node, which n8n saves only if it accepts the
 * request: an event that n8n failed to start a workflow for comes again, and is new again. Each request works on a copy of that data of
 * its own, and the last one saved replaces the others; so the ids are also in the memory of the process.
 */
export class ReceivedEvents {
  readonly #inFlight = new Set<string>();
  readonly #received = new Set<string>();

  claim(staticData: IDataObject, webhookId: string, eventId: string): Claim {
    const key = `${webhookId} ${eventId}`;
    if (idsIn(staticData).includes(eventId) || this.#received.has(key)) return 'received';
    if (this.#inFlight.has(key)) return 'in_flight';
    this.#inFlight.add(key);
    staticData[FIELD] = [...idsIn(staticData), eventId].slice(-MAX_IDS);
    return 'new';
  }

  /**
   * Keeps n8n from forgetting the claim. n8n 2.41 makes a second workflow object of the same static data before it saves the first, which
   * marks the data as unchanged; only a change after that is saved. Runs until the request has ended, for some milliseconds.
   */
  async persist(staticData: IDataObject, webhookId: string, eventId: string): Promise<void> {
    while (this.#inFlight.has(`${webhookId} ${eventId}`)) {
      staticData[FIELD] = [...idsIn(staticData)];
      await sleep(0);
    }
  }

  /** The end of the request that claimed the event. */
  end(webhookId: string, eventId: string, isAccepted: boolean): void {
    const key = `${webhookId} ${eventId}`;
    this.#inFlight.delete(key);
    if (!isAccepted) return;
    this.#received.add(key);
    const [oldest] = this.#received;
    if (this.#received.size > MAX_IDS && oldest !== undefined) this.#received.delete(oldest);
  }
}

function idsIn(staticData: IDataObject): readonly string[] {
  const ids = staticData[FIELD];
  return Array.isArray(ids) ? (ids as string[]) : [];
}
