// zod stores its configuration on the global object, whose name n8n's scan forbids. The build replaces it with this object.
export const ownGlobal = {};
