/** The properties in the header of an image. */
export interface ImageHeader {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Whether the image has an alpha channel or another form of transparency. */
  readonly hasAlpha: boolean;
}
