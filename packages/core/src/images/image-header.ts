/** The properties in the header of an image. */
export interface ImageHeader {
  /** In pixels, as they are stored: `orientation` is not yet applied. */
  readonly width: number;
  /** In pixels, as they are stored. */
  readonly height: number;
  /** Whether the image has an alpha channel or another form of transparency; null if its header is too long to tell. */
  readonly hasAlpha: boolean | null;
  /** By EXIF, 1 to 8. Null without one. */
  readonly orientation: number | null;
}
