// Curves over a common axis, with their intervals.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface ChartPoint { x: number; y: number; half?: number }
export interface Curve { name: string; colour: string; points: ChartPoint[]; marks?: boolean; faint?: boolean }

const HEIGHT = 190;
const LEFT = 52;
const BOTTOM = 26;
const TOP = 8;
const RIGHT = 10;

const short = (value: number) => {
  const size = Math.abs(value);
  return size >= 1e6 ? `${+(value / 1e6).toPrecision(3)}M` : size >= 1e4 ? `${+(value / 1e3).toPrecision(3)}k` : String(+value.toPrecision(3));
};

/** Round figures that span a range. */
function ticks(low: number, high: number, about: number): number[] {
  const raw = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= raw) ?? 10);
  const first = Math.ceil(low / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((high - first) / step + 1e-9) + 1) }, (_, i) => +(first + i * step).toPrecision(12));
}

interface Props { title: string; unit?: string; curves: Curve[]; xTitle: string; fromZero?: boolean }

export const Chart = (props: Props) => (props.curves.some((curve) => curve.points.length > 0) ? <Plot {...props} /> : null);

function Plot({ title, unit, curves, xTitle, fromZero }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(480);
  const [pointed, setPointed] = useState<number | null>(null);
  useLayoutEffect(() => {
    const sizes = new ResizeObserver(() => setWidth(Math.max(240, frame.current!.clientWidth)));
    sizes.observe(frame.current!);
    return () => sizes.disconnect();
  }, []);

  const all = curves.flatMap((curve) => curve.points);
  const xs = all.map((point) => point.x);
  const [left, right] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1e-9)];
  const lows = all.map((point) => point.y - (point.half ?? 0));
  const highs = all.map((point) => point.y + (point.half ?? 0));
  const low = fromZero ? Math.min(0, ...lows) : Math.min(...lows);
  const margin = (Math.max(...highs) - low) * 0.06 || Math.abs(low) * 0.1 || 1;
  const [bottom, top] = [fromZero ? low : low - margin, Math.max(...highs) + margin];
  const x = (value: number) => LEFT + ((value - left) / (right - left || 1)) * (width - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - BOTTOM - TOP);
  const at = pointed === null ? null : left + ((pointed - LEFT) / (width - LEFT - RIGHT)) * (right - left);
  const near = at === null ? [] : curves.filter((curve) => curve.points.length > 0 && !curve.faint)
    .map((curve) => ({ curve, point: curve.points.reduce((best, point) => (Math.abs(point.x - at) < Math.abs(best.x - at) ? point : best)) }));
  const last = curves.filter((curve) => curve.points.length > 0).map((curve) => `${curve.name} ${short(curve.points[curve.points.length - 1]!.y)}`).join(", ");

  return (
    <figure class="chart">
      <figcaption>{title}{unit && <small> {unit}</small>}</figcaption>
      <div ref={frame} class="frame" onPointerMove={(event) => setPointed(event.clientX - frame.current!.getBoundingClientRect().left)} onPointerLeave={() => setPointed(null)}>
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${title} against ${xTitle}; at the end: ${last}`}>
          {ticks(bottom, top, 4).map((value) => (
            <g key={value} class="grid"><line x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} /><text x={LEFT - 6} y={y(value) + 4} text-anchor="end">{short(value)}</text></g>
          ))}
          {ticks(left, right, width / 110).map((value) => <text key={value} class="tick" x={x(value)} y={HEIGHT - 8} text-anchor={x(value) > width - 24 ? "end" : "middle"}>{short(value)}</text>)}
          {curves.map((curve) => curve.points.some((point) => point.half) && (
            <path key={`${curve.name} interval`} class="interval" fill={curve.colour} d={band(curve.points, x, y)} />
          ))}
          {curves.map((curve) => <path key={curve.name} class={curve.faint ? "line faint" : "line"} stroke={curve.colour} d={path(curve.points, x, y)} />)}
          {curves.filter((curve) => curve.marks).flatMap((curve) => curve.points.map((point) => <circle key={`${curve.name} ${point.x}`} cx={x(point.x)} cy={y(point.y)} r={2.5} fill={curve.colour} />))}
          {near.length > 0 && <line class="pointer" x1={x(near[0]!.point.x)} x2={x(near[0]!.point.x)} y1={TOP} y2={HEIGHT - BOTTOM} />}
          {near.map(({ curve, point }) => <circle key={curve.name} cx={x(point.x)} cy={y(point.y)} r={4} fill={curve.colour} />)}
        </svg>
        {near.length > 0 && (
          <div class="readout">
            {near.map(({ curve, point }) => (
              <div key={curve.name}><i style={{ background: curve.colour }} />{curve.name} <b>{short(point.y)}{point.half ? ` ± ${short(point.half)}` : ""}</b> <small>at {short(point.x)}</small></div>
            ))}
          </div>
        )}
      </div>
    </figure>
  );
}

type Scale = (value: number) => number;

const path = (points: readonly ChartPoint[], x: Scale, y: Scale) => points.map((point, i) => `${i === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");

function band(points: readonly ChartPoint[], x: Scale, y: Scale) {
  const upper = points.map((point) => ({ x: point.x, y: point.y + (point.half ?? 0) }));
  const lower = points.map((point) => ({ x: point.x, y: point.y - (point.half ?? 0) })).reverse();
  return `${path([...upper, ...lower], x, y)}Z`;
}
