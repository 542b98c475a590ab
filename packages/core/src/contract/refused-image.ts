/** Replaces an invalid input image whose bytes were checked while they arrived and then dropped, so that its problem is reported with the others. */
export class RefusedImage {
  /** The message, for an image that messages call `name` (`image` or `image[1]`). */
  readonly problem: (name: string) => string;

  constructor(problem: (name: string) => string) {
    this.problem = problem;
  }
}
