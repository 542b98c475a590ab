/** The one place that reaches for the n8n of the end-to-end tests. */
export { n8nHost } from '@wan-image/e2e/n8n/host';
export { PACKAGE_NAME, packedNode } from '@wan-image/e2e/n8n/node-package';
export { startN8n, type N8nServer } from '@wan-image/e2e/n8n/server';
export type { CredentialData, Item, JsonObject, WorkflowJson, WorkflowNode } from '@wan-image/e2e/n8n/types';
