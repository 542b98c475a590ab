/** The default project: the only one of a service without keys, and the one the admin key uses. */
export const DEFAULT_PROJECT_ID = '00000000-0000-7000-8000-000000000000';
