/** What the header of an image states. */
export interface ImageHeader {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether the image can be transparent anywhere. */
  readonly hasAlpha: boolean;
}
