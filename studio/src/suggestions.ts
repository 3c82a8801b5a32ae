// Names that say what could be drawn, and drawings for "show me".

import type { Point, Stroke } from "./ink";

export interface Suggestion { readonly name: string; readonly strokes: readonly Stroke[] }

const line = (...points: Point[]): Stroke => points.slice(1).flatMap((to, i) => {
  const from = points[i]!;
  return Array.from({ length: 10 }, (_, step): Point => [from[0] + ((to[0] - from[0]) * step) / 9, from[1] + ((to[1] - from[1]) * step) / 9]);
});

const curve = (steps: number, at: (t: number) => Point): Stroke => Array.from({ length: steps + 1 }, (_, i) => at(i / steps));

const star = line(...Array.from({ length: 6 }, (_, i): Point => {
  const angle = -Math.PI / 2 + (i * 4 * Math.PI) / 5;
  return [0.5 + 0.36 * Math.cos(angle), 0.52 + 0.36 * Math.sin(angle)];
}));

export const suggestions: readonly Suggestion[] = [
  { name: "star", strokes: [star] },
  { name: "spiral", strokes: [curve(60, (t) => [0.5 + 0.36 * t * Math.cos(5 * Math.PI * t), 0.5 + 0.36 * t * Math.sin(5 * Math.PI * t)])] },
  { name: "house", strokes: [line([0.25, 0.85], [0.25, 0.45], [0.5, 0.18], [0.75, 0.45], [0.75, 0.85], [0.25, 0.85])] },
  { name: "lightning", strokes: [line([0.6, 0.12], [0.32, 0.52], [0.58, 0.5], [0.38, 0.88])] },
  { name: "wave", strokes: [curve(50, (t) => [0.12 + 0.76 * t, 0.5 - 0.17 * Math.sin(4 * Math.PI * t)])] },
  { name: "arrow", strokes: [line([0.15, 0.5], [0.85, 0.5]), line([0.6, 0.28], [0.85, 0.5], [0.6, 0.72])] },
];

/** The same drawing as another hand would make it: smaller, elsewhere, slanted. */
export const redrawn = (strokes: readonly Stroke[]): Stroke[] =>
  strokes.map((stroke) => stroke.map(([x, y]): Point => [0.48 + 0.72 * (x - 0.5) + 0.16 * (0.5 - y), 0.55 + 0.75 * (y - 0.5) + 0.02 * Math.sin(9 * x)]));
