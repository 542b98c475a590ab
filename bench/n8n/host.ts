/** The only imports from the end-to-end tests: they install and run n8n. */
export { n8nHost } from '@wan-image/e2e/n8n/host';
export { PACKAGE_NAME, packedNode } from '@wan-image/e2e/n8n/node-package';
export { startN8n, type N8nServer } from '@wan-image/e2e/n8n/server';
export type { CredentialData, Item, JsonObject, WorkflowJson, WorkflowNode } from '@wan-image/e2e/n8n/types';
