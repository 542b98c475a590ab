import type { Measured } from './measure.ts';
import type { ClientName } from './clients/clients.ts';

/** Pictures of so many MiB as base64. */
export interface ReplyShape {
  readonly pictures: number;
  readonly megabytes: number;
}

/** What a client is made to do. */
export type Task =
  | { readonly kind: 'pictures'; readonly reply: ReplyShape; readonly parallel: number }
  | { readonly kind: 'upload' }
  | { readonly kind: 'small'; readonly calls: number; readonly warmUp: number; readonly parallel: number };

/** One measurement, in a process of its own. */
export interface Order {
  readonly task: Task;
  readonly client: ClientName;
  /** The address of the stub server. */
  readonly server: string;
  /** Where the pictures go. */
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
export function pathOf({ pictures, megabytes }: ReplyShape): string {
  return `${pictures}x${megabytes}`;
}

export function shapeOf(path: string): ReplyShape {
  const [pictures = 0, megabytes = 0] = path.split('x').map(Number);
  return { pictures, megabytes };
}
