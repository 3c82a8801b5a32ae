// A drawing as small as a word.

import { useEffect, useRef } from "preact/hooks";
import { paintCentred, type Drawing } from "./ink";

export function Thumbnail({ drawing, size, asModel, label }: { drawing: Drawing; size: number; asModel?: number; label?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const repaint = () => {
      const side = asModel ?? Math.round(size * (devicePixelRatio || 1));
      canvas.current!.width = canvas.current!.height = side;
      const context = canvas.current!.getContext("2d")!;
      paintCentred(context, drawing, side, getComputedStyle(canvas.current!).color);
    };
    repaint();
    addEventListener("themechange", repaint);
    return () => removeEventListener("themechange", repaint);
  }, [drawing, size, asModel]);
  return <canvas ref={canvas} class={asModel ? "thumbnail pixels" : "thumbnail"} style={{ width: size, height: size }}
    role={label ? "img" : undefined} aria-label={label} aria-hidden={label ? undefined : true} />;
}
