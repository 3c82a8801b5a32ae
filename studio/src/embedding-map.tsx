// Where the examples and the drawing lie in what the model makes of them: what it finds alike is close.

import { useEffect, useRef } from "preact/hooks";
import type { Explanation } from "./explanations";
import { paintCentred, type Drawing } from "./ink";
import type { Lesson } from "./lesson";
import { COLOURS } from "./palette";

const HEIGHT = 200;
const TILE = 30;

export function EmbeddingMap({ explanation, lesson }: { explanation: Explanation; lesson: Lesson }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { map, examples } = explanation;
  const nearest = examples.filter((one) => one.distance !== null).sort((a, b) => a.distance! - b.distance!)[0];

  useEffect(() => {
    if (!map) return;
    const repaint = () => paintMap(canvas.current!, explanation, lesson);
    repaint();
    const sizes = new ResizeObserver(repaint);
    sizes.observe(canvas.current!);
    addEventListener("themechange", repaint);
    return () => {
      sizes.disconnect();
      removeEventListener("themechange", repaint);
    };
  }, [explanation, lesson]);

  if (!map) return null;
  return (
    <figure class="map">
      <figcaption>How it sees them: alike is close</figcaption>
      <canvas ref={canvas} role="img" style={{ height: HEIGHT }}
        aria-label={`Map of the examples and the drawing.${nearest ? ` The nearest example is one of ${nearest.className}.` : ""}`} />
      <p class="fine">The two directions that show most: {Math.round(100 * map.share)} % of the differences.</p>
    </figure>
  );
}

function paintMap(canvas: HTMLCanvasElement, { map, examples }: Explanation, lesson: Lesson) {
  const width = canvas.clientWidth;
  const dense = devicePixelRatio || 1;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(HEIGHT * dense);
  const context = canvas.getContext("2d")!;
  context.scale(dense, dense);
  const style = getComputedStyle(canvas);
  const points = [{ x: map!.x, y: map!.y }, ...examples.map((one) => ({ x: one.x ?? 0, y: one.y ?? 0 }))];
  const reach = Math.max(1e-9, ...points.flatMap((point) => [Math.abs(point.x) / (width - 2 * TILE), Math.abs(point.y) / (HEIGHT - 2 * TILE)]));
  const place = ({ x, y }: { x: number; y: number }): [number, number] => [width / 2 + x / reach / 2, HEIGHT / 2 - y / reach / 2];
  const centre = place(map!);
  const nearest = [...examples].filter((one) => one.distance !== null).sort((a, b) => a.distance! - b.distance!).slice(0, 3);

  nearest.forEach((one, rank) => {
    context.beginPath();
    context.moveTo(...centre);
    context.lineTo(...place({ x: one.x ?? 0, y: one.y ?? 0 }));
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 3 - rank;
    context.globalAlpha = 0.7 - 0.2 * rank;
    context.stroke();
    context.globalAlpha = 1;
  });
  for (const one of examples) {
    const owner = lesson.classes.findIndex((each) => each.name === one.className);
    const drawing = lesson.classes[owner]?.examples.find((each) => each.id === one.example)?.drawing;
    if (drawing) tile(context, place({ x: one.x ?? 0, y: one.y ?? 0 }), drawing, style.getPropertyValue(`--c${owner % COLOURS}`), style);
  }
  tile(context, centre, lesson.query, style.getPropertyValue("--accent"), style, true);
}

function tile(context: CanvasRenderingContext2D, [x, y]: [number, number], drawing: Drawing, colour: string, style: CSSStyleDeclaration, round = false) {
  context.save();
  context.translate(x - TILE / 2, y - TILE / 2);
  context.beginPath();
  context.roundRect(0, 0, TILE, TILE, round ? TILE / 2 : 6);
  context.fillStyle = style.getPropertyValue("--sheet");
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = colour;
  context.stroke();
  context.clip();
  paintCentred(context, drawing, TILE, style.color, 0.06);
  context.restore();
}
