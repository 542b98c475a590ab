// zod stores its configuration on the global object, whose name n8n's scan forbids.
export const ownGlobal = {};
