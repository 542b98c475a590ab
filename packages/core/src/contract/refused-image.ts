/** An input image that was judged while it arrived, and is not kept: it stands in a request only to be refused at its place. */
export class RefusedImage {
  /** What is wrong, for an image that messages call `name` (`image` or `image[1]`). */
  readonly problem: (name: string) => string;

  constructor(problem: (name: string) => string) {
    this.problem = problem;
  }
}
