/** Header values by lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** A response without its body. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
  /** Values that the server may quote in its response and that no error may contain. */
  readonly secrets?: readonly string[];
}
