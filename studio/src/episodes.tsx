// Episodes as the learner sees them: pictures, or points of a function.

import { useEffect, useRef, useState } from "preact/hooks";
import { colour } from "./palette";
import { useAsked } from "./store";
import type { Episode, EpisodeItem } from "./types";

const MOST_QUERIES = 60;

export function Episodes({ name }: { name: string }) {
  const [seed, setSeed] = useState(1);
  const [split, setSplit] = useState("train");
  const { value, mistake } = useAsked<Episode>(`/v1/runs/${encodeURIComponent(name)}/episode?seed=${seed}&split=${split}`);
  return (
    <section class="episode" aria-labelledby="episode-title">
      <div class="heading">
        <h2 id="episode-title">An episode of {name}</h2>
        <div class="tools">
          <label class="choice">From
            <select value={split} onChange={(event) => setSplit(event.currentTarget.value)}>
              <option value="train">meta-training</option>
              <option value="test">meta-test</option>
            </select>
          </label>
          <button onClick={() => setSeed(seed + 1)}>Another</button>
        </div>
      </div>
      {mistake && <p class="mistake" role="alert">{mistake}</p>}
      {!value && !mistake && <p class="placeholder" role="status">Opening the data…</p>}
      {value && <p class="fine">{value.source}, seed {seed}</p>}
      {value && (value.support[0]?.pixels ? <Pictures episode={value} /> : <Points episode={value} />)}
    </section>
  );
}

function Pictures({ episode }: { episode: Episode }) {
  const queries = [...episode.query].sort((a, b) => a.target - b.target);
  const shown = queries.length <= MOST_QUERIES ? queries : queries.filter((_, i) => i % Math.ceil(queries.length / MOST_QUERIES) === 0);
  return (
    <>
      <h3>Support: what it learns from</h3>
      <ul class="pictures">{episode.support.map((item, i) => <Picture key={i} item={item} shape={episode.shape} />)}</ul>
      <h3>Query: what it is asked{shown.length < queries.length && `, ${shown.length} of ${queries.length}`}</h3>
      <ul class="pictures">{shown.map((item, i) => <Picture key={i} item={item} shape={episode.shape} />)}</ul>
    </>
  );
}

function Picture({ item, shape }: { item: EpisodeItem; shape: number[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [channels = 1, height = 1, width = 1] = shape;
  useEffect(() => {
    const bytes = Uint8Array.from(atob(item.pixels!), (character) => character.charCodeAt(0));
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let channel = 0; channel < 3; channel++) image.data[4 * pixel + channel] = bytes[(channel % channels) * width * height + pixel]!;
      image.data[4 * pixel + 3] = 255;
    }
    canvas.current!.getContext("2d")!.putImageData(image, 0, 0);
  }, [item]);
  return (
    <li style={{ "--class": colour(item.target) }}>
      <canvas ref={canvas} class="pixels" width={width} height={height} role="img" aria-label={`class ${item.target + 1}`} /><span aria-hidden="true">{item.target + 1}</span>
    </li>
  );
}

function Points({ episode }: { episode: Episode }) {
  const all = [...episode.support, ...episode.query].map((item) => ({ x: item.values?.[0] ?? 0, y: item.target }));
  const range = (values: number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [left, right] = range(all.map((point) => point.x));
  const [low, high] = range(all.map((point) => point.y));
  const x = (item: EpisodeItem) => 10 + (460 * ((item.values?.[0] ?? 0) - left)) / (right - left || 1);
  const y = (item: EpisodeItem) => 190 - (180 * (item.target - low)) / (high - low || 1);
  return (
    <figure class="points">
      <figcaption><i class="support" /> support <i class="query" /> query</figcaption>
      <svg viewBox="0 0 480 200" role="img" aria-label={`${episode.support.length} support points and ${episode.query.length} query points of a function`}>
        {episode.query.map((item, i) => <circle key={`q${i}`} class="query" cx={x(item)} cy={y(item)} r={3} />)}
        {episode.support.map((item, i) => <circle key={`s${i}`} class="support" cx={x(item)} cy={y(item)} r={5} />)}
      </svg>
    </figure>
  );
}
