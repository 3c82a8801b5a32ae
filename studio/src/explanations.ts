// Why the service answers as it does: which examples pulled, and where everything lies on the map of the embedding.

import { post, Problem } from "./api";
import { toPng, type Drawing } from "./ink";
import type { Teacher } from "./teacher";
import type { ExplanationState } from "./types";

export interface ExplainedExample {
  example: number; className: string;
  influence: number | null; // positive where it speaks for the answer
  distance: number | null;
  x: number | null; y: number | null;
}
export interface Explanation { examples: ExplainedExample[]; map: { x: number; y: number; share: number } | null }

/** Explains an answer; null where the lesson changed meanwhile. */
export async function explain(teacher: Teacher, query: Drawing, before: Explanation | null): Promise<Explanation | null> {
  const { adaptation, learned } = teacher;
  if (!adaptation || !learned) return null;
  const names = new Map([...learned.ids].map(([example, id]) => [id, example]));
  try {
    const state = await post<ExplanationState>(`/v1/adaptations/${adaptation}/explanations`, {
      item: toPng(query, teacher.size), version: learned.version, invert: "auto",
    });
    const examples = state.examples.map((one) => ({ ...one, example: names.get(one.id)!, className: one.class }));
    return turned({ examples, map: state.map }, before);
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 404) return null;
    throw failure;
  }
}

// A principal component is as good as its mirror image: take the one that leaves the examples where they were.
function turned(explanation: Explanation, before: Explanation | null): Explanation {
  const known = new Map(before?.examples.map((one) => [one.example, one]));
  const sign = (axis: "x" | "y") => (explanation.examples.reduce((sum, one) => sum + (one[axis] ?? 0) * (known.get(one.example)?.[axis] ?? 0), 0) < 0 ? -1 : 1);
  const [signX, signY] = [sign("x"), sign("y")];
  const turn = <T extends { x: number | null; y: number | null }>(point: T): T => ({ ...point, x: point.x === null ? null : signX * point.x, y: point.y === null ? null : signY * point.y });
  return { examples: explanation.examples.map(turn), map: explanation.map && turn(explanation.map) };
}
