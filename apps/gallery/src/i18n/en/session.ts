/** Signing in. */
export const session = {
  title: 'Sign in',
  lead: 'This service requires an API key. It is exchanged for a session in this browser; the page does not keep the key.',
  expired: 'Your session has ended. Sign in again: what you typed on the page is still there.',
  key: 'API key',
  signIn: 'Sign in',
};
