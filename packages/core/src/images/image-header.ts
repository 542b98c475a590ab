/** What the header of a picture states. */
export interface ImageHeader {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether the picture can be transparent anywhere. */
  readonly hasAlpha: boolean;
}
