// Drawings: strokes with coordinates from 0 to 1, or a picture that was dropped.

export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];
export interface Drawing { readonly strokes: readonly Stroke[]; readonly picture: ImageBitmap | null }

export const blank: Drawing = { strokes: [], picture: null };
export const isBlank = (drawing: Drawing) => drawing.strokes.length === 0 && !drawing.picture;

// As in the characters that models of drawings learn from: the longer side takes 70 % of the square, and a pen 9 %.
const INK_SIDE = 0.7;
const INK_PEN = 0.088;
const SMALLEST = 0.08; // a dot is not blown up to a blot

function bounds(strokes: readonly Stroke[]) {
  const all = strokes.flat();
  const xs = all.map((point) => point[0]);
  const ys = all.map((point) => point[1]);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function trace(context: CanvasRenderingContext2D, stroke: Stroke, place: (point: Point) => Point) {
  const points = stroke.map(place);
  context.beginPath();
  context.moveTo(...points[0]!);
  if (points.length === 1) context.lineTo(points[0]![0] + 0.01, points[0]![1]);
  // Through the middles of neighbouring points, so that a quick hand gives curves and not corners.
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i]!;
    const [nextX, nextY] = points[i + 1]!;
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  if (points.length > 1) context.lineTo(...points[points.length - 1]!);
  context.stroke();
}

function pen(context: CanvasRenderingContext2D, colour: string, width: number) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = "round";
  context.lineJoin = "round";
}

/** Paints a drawing as it was made. */
export function paint(context: CanvasRenderingContext2D, drawing: Drawing, size: number, colour: string) {
  if (drawing.picture) contain(context, drawing.picture, size);
  pen(context, colour, Math.max(2, size * 0.035));
  for (const stroke of drawing.strokes) trace(context, stroke, ([x, y]) => [x * size, y * size]);
}

/** Paints a drawing in the middle of a square and as large as it fits: where and how large it was drawn does not matter. */
export function paintCentred(context: CanvasRenderingContext2D, drawing: Drawing, size: number, colour: string, penWidth = INK_PEN) {
  if (drawing.picture) contain(context, drawing.picture, size);
  if (drawing.strokes.length === 0) return;
  const { left, right, top, bottom } = bounds(drawing.strokes);
  const scale = (INK_SIDE * size) / Math.max(right - left, bottom - top, SMALLEST);
  pen(context, colour, size * penWidth);
  for (const stroke of drawing.strokes) {
    trace(context, stroke, ([x, y]) => [size / 2 + (x - (left + right) / 2) * scale, size / 2 + (y - (top + bottom) / 2) * scale]);
  }
}

function contain(context: CanvasRenderingContext2D, picture: ImageBitmap, size: number) {
  const scale = size / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.imageSmoothingEnabled = scale < 4; // a tiny picture is shown as the pixels that it has
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, (size - width) / 2, (size - height) / 2, width, height);
}

const square = document.createElement("canvas");

/** What the model is sent: a PNG of its own size, dark ink on white, in base64. */
export function toPng(drawing: Drawing, size: number): string {
  square.width = square.height = size;
  const context = square.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  paintCentred(context, drawing, size, "#000");
  return square.toDataURL("image/png").slice("data:image/png;base64,".length);
}

export async function fromFile(file: Blob): Promise<Drawing> {
  return { strokes: [], picture: await createImageBitmap(file) };
}
