// Trainings: curves that grow while they run, side by side; their settings; the episodes that they learn from.

import { useEffect, useState } from "preact/hooks";
import { get, say } from "./api";
import { Chart, type ChartPoint, type Curve } from "./chart";
import { Episodes } from "./episodes";
import { colour, COLOURS } from "./palette";
import { useAsked } from "./store";
import type { RunMetric, RunState, RunSummary } from "./types";

const LIST_SECONDS = 5;
const METRICS_SECONDS = 2;

const open = (names: string[]) => void (location.hash = names.length > 0 ? `#/runs/${names.map(encodeURIComponent).join("/")}` : "#/runs");

export function Runs({ chosen }: { chosen: string[] }) {
  const { value, mistake } = useAsked<{ runs: RunSummary[] }>("/v1/runs", LIST_SECONDS);
  if (mistake) return <p class="mistake" role="alert">{mistake}</p>;
  if (!value) return <p class="placeholder" role="status">Looking for trainings…</p>;
  if (value.runs.length === 0) {
    return (
      <section class="empty">
        <h1>No training to show</h1>
        <p>Start the service with a folder of runs: <code>deutero serve --model runs/first --runs runs</code>. What <code>deutero train --output runs/…</code> writes there is shown while it runs.</p>
      </section>
    );
  }
  const names = chosen.filter((name) => value.runs.some((run) => run.name === name)).slice(0, COLOURS);
  const shown = names.length > 0 ? names : [value.runs[0]!.name];
  const toggle = (name: string) => open(shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name]);
  return (
    <div class="runs">
      <section class="run-list" aria-labelledby="runs-title">
        <h1 id="runs-title">Runs</h1>
        <p class="fine">Choose several to compare them.</p>
        <ul>
          {value.runs.map((run) => {
            const place = shown.indexOf(run.name);
            return (
              <li key={run.name} class={place >= 0 ? "chosen" : ""} style={{ "--class": place >= 0 ? colour(place) : "transparent" }}>
                <label><input type="checkbox" checked={place >= 0} disabled={place < 0 && shown.length >= COLOURS} onChange={() => toggle(run.name)} /> <b>{run.name}</b></label>
                <span class={`status ${run.status}`}>{run.status}</span>
                <progress max={run.iterations || 1} value={run.iteration} aria-label={`${run.iteration} of ${run.iterations} iterations`} />
                <span class="fine">{run.learner} on {run.data}, {run.iteration.toLocaleString("en")} of {run.iterations.toLocaleString("en")} iterations{run.score && `, ${score(run)}`}</span>
              </li>
            );
          })}
        </ul>
      </section>
      <section class="run-curves" aria-label="Curves">
        <ul class="legend" aria-label="Runs that are compared">{shown.map((name, place) => <li key={name} style={{ "--class": colour(place) }}>{name}</li>)}</ul>
        <Curves runs={shown.map((name) => value.runs.find((run) => run.name === name)!)} />
        <Details name={shown[shown.length - 1]!} />
      </section>
    </div>
  );
}

const score = ({ score: found }: RunSummary) =>
  found!.metric === "accuracy" ? `${(100 * found!.mean).toFixed(1)} ± ${(100 * found!.halfWidth95).toFixed(1)} %` : `${found!.metric} ${found!.mean.toPrecision(3)} ± ${found!.halfWidth95.toPrecision(2)}`;

/** Reports of runs; those that still run are asked again and again for what is new. */
function useMetrics(names: string[]): [Record<string, RunMetric[]>, string] {
  const [rows, setRows] = useState<Record<string, RunMetric[]>>({});
  const [mistake, setMistake] = useState("");
  useEffect(() => {
    let gone = false;
    const timers: number[] = [];
    for (const name of names) {
      let known: RunMetric[] = [];
      const ask = async () => {
        try {
          const after = known[known.length - 1]?.iteration ?? 0;
          const found = await get<{ status: string; rows: RunMetric[] }>(`/v1/runs/${encodeURIComponent(name)}/metrics?after=${after}`);
          if (gone) return;
          if (found.rows.length > 0 || after === 0) {
            known = [...known, ...found.rows];
            setRows((all) => ({ ...all, [name]: known }));
          }
          setMistake("");
          if (found.status !== "running") return;
        } catch (failure) {
          if (!gone) setMistake(say(failure));
        }
        timers.push(window.setTimeout(ask, 1000 * METRICS_SECONDS));
      };
      void ask();
    }
    return () => {
      gone = true;
      timers.forEach(clearTimeout);
    };
  }, [names.join("/")]);
  return [rows, mistake];
}

function Curves({ runs }: { runs: RunSummary[] }) {
  const [rows, mistake] = useMetrics(runs.map((run) => run.name));
  const curves = (what: (row: RunMetric) => number | null, half?: (row: RunMetric) => number | null, more: Partial<Curve> = {}, suffix = ""): Curve[] => runs.map((run, place) => ({
    name: run.name + suffix, colour: colour(place), ...more,
    points: (rows[run.name] ?? []).flatMap((row): ChartPoint[] => {
      const value = what(row);
      return value === null ? [] : [{ x: row.iteration, y: value, half: half?.(row) ?? undefined }];
    }),
  }));
  const steps = runs.map((run, place): Curve => ({
    name: run.name, colour: colour(place), marks: true, points: (run.score?.curve ?? []).map((value, step) => ({ x: step, y: run.score!.metric === "accuracy" ? 100 * value : value })),
  })).filter((curve) => curve.points.length > 1);
  const hundred = (value: number | null) => (value === null ? null : 100 * value);
  const isAccuracy = runs.every((run) => (rows[run.name] ?? []).some((row) => row.accuracy !== null));
  const validated = curves((row) => (isAccuracy ? hundred(row.validation) : row.validation), (row) => (isAccuracy ? hundred(row.validationHalfWidth) : row.validationHalfWidth), { marks: true }, isAccuracy ? ", validation" : "");

  if (mistake) return <p class="mistake" role="alert">{mistake}</p>;
  return (
    <div class="charts">
      <Chart title="Loss" unit="on the queries of training episodes" xTitle="iterations" curves={curves((row) => row.loss)} />
      {isAccuracy
        ? <Chart title="Accuracy" unit="%, training faint, validation with 95 % intervals" xTitle="iterations" curves={[...curves((row) => hundred(row.accuracy), undefined, { faint: true }), ...validated]} />
        : <Chart title="Validation" unit="with 95 % intervals" xTitle="iterations" curves={validated} />}
      {steps.length > 0 && <Chart title="Adaptation" unit="score on held-out tasks after each inner step" xTitle="inner steps" curves={steps} />}
      <Chart title="Speed" unit="tasks per second" xTitle="iterations" curves={curves((row) => row.tasksPerSecond)} fromZero />
      <Chart title="Memory" unit="MiB, resident" xTitle="iterations" curves={curves((row) => row.memoryMiB)} fromZero />
    </div>
  );
}

function Details({ name }: { name: string }) {
  const { value, mistake } = useAsked<RunState>(`/v1/runs/${encodeURIComponent(name)}`);
  if (mistake) return <p class="mistake" role="alert">{mistake}</p>;
  return (
    <>
      <Episodes name={name} />
      {value && (
        <details class="settings">
          <summary>Configuration of {name}</summary>
          <Tree value={value.configuration} />
          {value.environment !== null && <><h3>Computed with</h3><Tree value={value.environment} /></>}
          {value.card && <><h3>Model card</h3><pre class="card-text">{value.card}</pre></>}
        </details>
      )}
    </>
  );
}

function Tree({ value }: { value: unknown }) {
  if (value === null || typeof value !== "object") return <>{String(value)}</>;
  return <dl class="tree">{Object.entries(value).map(([name, inner]) => <div key={name}><dt>{name}</dt><dd><Tree value={inner} /></dd></div>)}</dl>;
}
