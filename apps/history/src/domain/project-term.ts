/**
 * The term of a project's texts, with which the index finds those alone: an index of several columns would need an extension. Twelve of
 * its digits: whatever else has them is told apart by its row.
 */
export function projectTerm(projectId: string): string {
  return `P${projectId.slice(-12)}`;
}
