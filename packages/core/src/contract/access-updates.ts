import * as z from 'zod/mini';
import {
  amountField,
  expiryField,
  nameField,
  periodField,
  rateField,
  scopesField,
  unknownFields,
} from './access-requests.ts';
import type { UpdateApiKeyRequest, UpdateProjectRequest } from './access-types.ts';
import { must } from './field-messages.ts';
import { parseWith, type Parsed } from './parsed.ts';

/** JSON merge patches: a field that is absent stays as it is, and null empties a field that may be empty. */

const archivedField = z.boolean(must('archived must be true or false'));

export const updateProjectRequest = z.strictObject(
  {
    name: z.optional(nameField),
    /** The keys of an archived project are refused, and lists leave it out. `false` restores it. */
    archived: z.optional(archivedField),
  },
  unknownFields('name', 'archived'),
);

export const updateApiKeyRequest = z.strictObject(
  {
    name: z.optional(nameField),
    scopes: z.optional(scopesField),
    /** Generations per minute; null: no limit. */
    rate_limit: z.optional(rateField),
    /** Null: no limit. A field that is absent stays as it is, so `{ "amount": "80.00" }` keeps the period. */
    spend_limit: z.optional(
      z.nullable(
        z.strictObject(
          { amount: z.optional(amountField), period: z.optional(periodField) },
          unknownFields('amount', 'period'),
        ),
      ),
    ),
    /** Null: never. */
    expires_at: z.optional(expiryField),
    /** An archived key is refused, and lists leave it out. `false` restores it. */
    archived: z.optional(archivedField),
  },
  unknownFields('name', 'scopes', 'rate_limit', 'spend_limit', 'expires_at', 'archived'),
);

/** Parses the body of `PATCH /v1/projects/{id}`. */
export function parseUpdateProject(input: unknown): Parsed<UpdateProjectRequest> {
  return parseWith(updateProjectRequest, input);
}

/** Parses the body of `PATCH /v1/api-keys/{id}`. */
export function parseUpdateApiKey(input: unknown): Parsed<UpdateApiKeyRequest> {
  return parseWith(updateApiKeyRequest, input);
}
