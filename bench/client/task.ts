import type { Measured } from './measure.ts';
import type { ClientName } from './clients/clients.ts';

/** Images of so many MiB as base64. */
export interface ResponseShape {
  readonly images: number;
  readonly megabytes: number;
}

/** What a client is made to do. */
export type Task =
  | { readonly kind: 'images'; readonly response: ResponseShape; readonly parallel: number }
  | { readonly kind: 'upload' }
  | { readonly kind: 'small'; readonly calls: number; readonly warmUp: number; readonly parallel: number };

/** One measurement, in a process of its own. */
export interface Order {
  readonly task: Task;
  readonly client: ClientName;
  /** The address of the stub server. */
  readonly server: string;
  /** Where the images go. */
  readonly folder: string;
  /** The files to upload. */
  readonly inputs: readonly string[];
}

export interface Result extends Measured {
  /** SHA-256 of each file that was written, call after call. */
  readonly hashes: readonly string[];
  /** Bytes of the last body that the server received. */
  readonly received: number;
}

/** How a reply is asked for in the path of the stub server. */
export function pathOf({ images, megabytes }: ResponseShape): string {
  return `${images}x${megabytes}`;
}

export function shapeOf(path: string): ResponseShape {
  const [images = 0, megabytes = 0] = path.split('x').map(Number);
  return { images, megabytes };
}
