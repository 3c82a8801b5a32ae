// Why the service answers as it does: which examples pulled, and where everything lies on the map of the embedding.

import type { Drawing } from "./ink";
import type { Teacher } from "./teacher";

export interface ExplainedExample { example: number; className: string; influence: number | null; distance: number | null; x: number | null; y: number | null }
export interface Explanation { examples: ExplainedExample[]; map: { x: number; y: number; share: number } | null }

/** Null where the service has no explanations. */
export async function explain(_teacher: Teacher, _query: Drawing, _before: Explanation | null): Promise<Explanation | null> {
  return null;
}
