import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

/** n8n keeps ten entries for an execution, and other nodes may need some. */
const MAX_ENTRIES = 5;

/** n8n cuts a longer value, and a URL that is cut leads nowhere. */
const MAX_VALUE = 512;

interface CustomData {
  set(key: string, value: string): void;
}

/**
 * Shows what was billed in an execution that is stopped: n8n stores neither output nor error of the running node, but it stores the custom
 * data of the execution, which its list of executions shows. Written while n8n stops, because it stores right after. Returns a function that
 * ends the watch.
 */
export function showWhenStopped(context: IExecuteFunctions, billed: () => readonly IDataObject[]): () => void {
  const signal = context.getExecutionCancelSignal();
  const show = (): void => {
    const images = billed();
    if (images.length === 0) return;
    try {
      const { customData } = context.getWorkflowDataProxy(0)['$execution'] as { customData: CustomData };
      const noun = images.length === 1 ? '1 image was' : `${images.length} images were`;
      customData.set('wan_image', `${noun} generated and billed before the execution was stopped.`);
      images.slice(0, MAX_ENTRIES).forEach((image, index) => {
        customData.set(`wan_image_${index + 1}`, locationOf(image));
      });
    } catch {
      // A host without custom data. Stopping must not fail because of it.
    }
  };
  signal?.addEventListener('abort', show, { once: true });
  return () => signal?.removeEventListener('abort', show);
}

/** Where the image is: its URL, else what finds it. */
function locationOf({ url, generation_id: generation, request_id: request, index }: IDataObject): string {
  if (typeof url === 'string' && url.length <= MAX_VALUE) return url;
  if (typeof generation === 'string') return `image ${Number(index)} of generation ${generation}`;
  return `image ${Number(index)} of request ${typeof request === 'string' ? request : 'without an id'}`;
}
