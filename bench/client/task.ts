import type { Measured } from './measure.ts';
import type { ClientName } from './clients/clients.ts';

/** Images of so many MiB as base64. */
export interface ResponseShape {
  readonly images: number;
  readonly megabytes: number;
}

/** The work of a client. */
export type Task =
  | { readonly kind: 'images'; readonly response: ResponseShape; readonly parallel: number }
  | { readonly kind: 'upload' }
  | { readonly kind: 'small'; readonly calls: number; readonly warmUp: number; readonly parallel: number };

/** One measurement, in its own process. */
export interface Order {
  readonly task: Task;
  readonly client: ClientName;
  /** The address of the stub server. */
  readonly server: string;
  /** For the images. */
  readonly folder: string;
  /** The files to upload. */
  readonly inputs: readonly string[];
}

export interface Result extends Measured {
  /** SHA-256 of each written file, call by call. */
  readonly hashes: readonly string[];
  /** Size of the last request body at the server, in bytes. */
  readonly received: number;
}

/** The path segment that selects a response of the stub server. */
export function pathOf({ images, megabytes }: ResponseShape): string {
  return `${images}x${megabytes}`;
}

export function shapeOf(path: string): ResponseShape {
  const [images = 0, megabytes = 0] = path.split('x').map(Number);
  return { images, megabytes };
}
