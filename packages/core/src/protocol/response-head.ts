/** Header values by lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** What comes before the body of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
  /** What the server may quote back and no error may show, whole before anything else is cut out of it. */
  readonly secrets?: readonly string[];
}
