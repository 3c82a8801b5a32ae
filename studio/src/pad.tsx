// A sheet to draw on with a mouse, a finger, a pen or the keyboard, and to drop a picture on.

import { useEffect, useRef, useState } from "preact/hooks";
import { blank, fromFile, isBlank, paint, type Drawing, type Point, type Stroke } from "./ink";
import { withStroke } from "./lesson";
import { Thumbnail } from "./thumbnail";

interface Props {
  drawing: Drawing;
  label: string;
  hint?: string;
  ghost?: readonly Stroke[]; // what could be drawn
  inviting?: boolean; // what to do next
  onDraw(drawing: Drawing): void; // when a stroke, or a picture, is done
  onLive?(drawing: Drawing): void; // while a stroke is drawn
  onMistake(message: string): void;
}

const KEY_STEP = 1 / 24;
const arrows: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value: number) => Math.min(1, Math.max(0, value));

export function Pad({ drawing, label, hint, ghost, inviting, onDraw, onLive, onMistake }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stroke = useRef<Point[] | null>(null);
  const [live, setLive] = useState<Drawing | null>(null);
  const [cursor, setCursor] = useState<Point | null>(null);
  const [dropping, setDropping] = useState(false);
  const penDown = cursor !== null && stroke.current !== null;
  const shown = live ?? drawing;

  useEffect(() => {
    const repaint = () => paintOn(canvas.current!, shown, cursor, penDown);
    repaint();
    const sizes = new ResizeObserver(repaint);
    sizes.observe(canvas.current!);
    addEventListener("themechange", repaint);
    return () => {
      sizes.disconnect();
      removeEventListener("themechange", repaint);
    };
  }, [shown, cursor, penDown]);

  const draw = (points: readonly Point[]) => {
    stroke.current!.push(...points);
    const next = withStroke(drawing, [...stroke.current!]);
    setLive(next);
    onLive?.(next);
  };
  const finish = () => {
    if (!stroke.current) return;
    const next = withStroke(drawing, stroke.current);
    stroke.current = null;
    setLive(null);
    onDraw(next);
  };

  const at = (event: PointerEvent): Point => {
    const box = canvas.current!.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || stroke.current) return;
    event.preventDefault(); // no selection of text
    canvas.current!.focus({ preventScroll: true, focusVisible: false } as FocusOptions); // who draws with a pen sees where it is
    canvas.current!.setPointerCapture(event.pointerId);
    setCursor(null);
    stroke.current = [];
    draw([at(event)]);
  };
  const move = (event: PointerEvent) => {
    if (!stroke.current || cursor) return;
    const all = event.getCoalescedEvents?.() ?? [];
    draw(all.length > 0 ? all.map(at) : [at(event)]);
  };

  const press = (event: KeyboardEvent) => {
    const step = arrows[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) {
      const [x, y] = cursor ?? [0.5, 0.5];
      const next: Point = [clamp(x + step[0] * KEY_STEP), clamp(y + step[1] * KEY_STEP)];
      setCursor(next);
      if (stroke.current) draw([next]);
    } else if (event.key === " ") {
      if (stroke.current) finish();
      else {
        stroke.current = [];
        setCursor(cursor ?? [0.5, 0.5]);
        draw([cursor ?? [0.5, 0.5]]);
      }
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (!isBlank(drawing)) onDraw(blank);
    } else if (event.key === "Escape" && cursor) {
      finish();
      setCursor(null);
    } else return;
    event.preventDefault();
  };

  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    const file = event.dataTransfer?.files[0];
    if (file) await take(file, onDraw, onMistake);
  };

  return (
    <div class={`pad${inviting ? " inviting" : ""}${dropping ? " dropping" : ""}`}
      onDragOver={(event) => (event.preventDefault(), setDropping(true))} onDragLeave={() => setDropping(false)} onDrop={drop}>
      <canvas ref={canvas} tabIndex={0} role="application" aria-roledescription="drawing pad"
        aria-label={`${label}${isBlank(shown) ? ", empty" : ""}`} aria-describedby="pad-help"
        onPointerDown={down} onPointerMove={move} onPointerUp={finish} onPointerCancel={finish}
        onKeyDown={press} onBlur={() => (cursor && finish(), setCursor(null))} />
      {isBlank(shown) && hint && (
        <span class="hint" aria-hidden="true">{ghost && <Thumbnail drawing={{ strokes: ghost, picture: null }} size={64} />}{hint}</span>
      )}
      {cursor && <span class="visually-hidden" role="status">{penDown ? "pen down" : "pen up"}</span>}
    </div>
  );
}

/** Takes a picture from a file. */
export async function take(file: Blob, onDraw: (drawing: Drawing) => void, onMistake: (message: string) => void) {
  try {
    onDraw(await fromFile(file));
  } catch {
    onMistake(`${file instanceof File ? file.name : "The file"} is not a picture that the browser can read: a PNG or JPEG was expected.`);
  }
}

function paintOn(canvas: HTMLCanvasElement, drawing: Drawing, cursor: Point | null, penDown: boolean) {
  const side = canvas.clientWidth;
  const dense = devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(side * dense);
  const context = canvas.getContext("2d")!;
  context.scale(dense, dense);
  const colour = getComputedStyle(canvas).color;
  paint(context, drawing, side, colour);
  if (cursor) {
    context.beginPath();
    context.arc(cursor[0] * side, cursor[1] * side, 5, 0, 7);
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).getPropertyValue("--accent");
    context.lineWidth = 2;
    if (penDown) context.fill();
    context.stroke();
  }
}
