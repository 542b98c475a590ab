// zod keeps its configuration on the global object, of which n8n's scan forbids even the name. The build puts this in its place.
export const ownGlobal = {};
