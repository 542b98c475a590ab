/** How messages say that an outcome is unknown, here and in core. */
const ADVICE = / ?It may have been billed: check before you try again\./;

/** The message of a failure whose outcome an operator has resolved: it says so in place of the advice to check. */
export function settledMessage(message: string, isBilled: boolean): string {
  return `${message.replace(ADVICE, '')} The upstream ${isBilled ? 'billed it' : 'did not bill it'}.`;
}
