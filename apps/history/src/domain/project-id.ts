/** The project of a service that has but one, and of all that its admin key makes. */
export const DEFAULT_PROJECT_ID = '00000000-0000-7000-8000-000000000000';
