/** Loaded into a service before its own code: moves its calendar, so that a library has images of several days. Timers stay as they are. */

const RealDate = Date;
const shift = Number(process.env.CLOCK_SHIFT_MS);

globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + shift);
    else super(...values);
  }

  static now() {
    return RealDate.now() + shift;
  }
};
