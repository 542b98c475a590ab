/** What a key may do: make images, see what was made, change what is kept. */
export const API_KEY_SCOPES = ['generate', 'read', 'manage'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** How long a spend limit is for, in UTC. `total` never begins anew. */
export const SPEND_PERIODS = ['day', 'month', 'total'] as const;
export type SpendPeriod = (typeof SPEND_PERIODS)[number];

export const MAX_NAME_LENGTH = 100;
export const MAX_RATE_LIMIT = 1_000_000;

/** Up to nine digits, and up to six behind the point: millionths are the smallest amount. */
export const AMOUNT = /^(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?$/;
