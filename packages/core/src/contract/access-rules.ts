/** All scopes of an API key. */
export const API_KEY_SCOPES = ['generate', 'read', 'manage'] as const;
/** What a key may do: generate images, read the history, change and delete records. */
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** All periods of a spend limit. */
export const SPEND_PERIODS = ['day', 'month', 'total'] as const;
/** The period of a spend limit, in UTC. `total` is never reset. */
export type SpendPeriod = (typeof SPEND_PERIODS)[number];

export const MAX_NAME_LENGTH = 100;
export const MAX_RATE_LIMIT = 1_000_000;

/** Up to nine digits before and six after the decimal point: the smallest amount is a millionth. */
export const AMOUNT = /^(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?$/;
