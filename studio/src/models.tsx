// What is loaded, what it learned, which versions there are, and who changed what.

import { useState } from "preact/hooks";
import { getText, post, remove, say } from "./api";
import { useAsked } from "./store";
import type { Adaptation, AdaptationSummary, ClassState, Model, Said, Version } from "./types";

const when = (time: string) => new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function Models() {
  const models = useAsked<{ models: Model[] }>("/v1/models");
  return (
    <div class="models">
      <section aria-labelledby="models-title">
        <h1 id="models-title">Models</h1>
        {models.mistake && <p class="mistake" role="alert">{models.mistake}</p>}
        <ul class="cards">{models.value?.models.map((model) => <ModelCard key={model.name} model={model} />)}</ul>
        {models.value?.models.length === 0 && <p>No model is loaded.</p>}
      </section>
      <Adaptations />
      <Audit />
    </div>
  );
}

function ModelCard({ model }: { model: Model }) {
  const { card } = model;
  return (
    <li class="card">
      <h2>{model.name}</h2>
      <dl>
        <dt>Learner</dt><dd>{model.learner}, {model.ways > 0 ? `${model.ways} classes` : "any number of classes"}</dd>
        <dt>Meta-trained on</dt><dd>{card.data}{card.licence && ` (${card.licence})`}</dd>
        <dt>Takes</dt><dd>{takes(model.input)}</dd>
        {card.episodes > 0 && <><dt>Judged</dt><dd>{card.metric} <b>{card.metric === "accuracy" ? `${(100 * card.mean).toFixed(1)} ± ${(100 * card.halfWidth95).toFixed(1)} %` : `${card.mean.toPrecision(3)} ± ${card.halfWidth95.toPrecision(2)}`}</b> on {card.episodes} tasks of {card.source}</dd></>}
        {card.calibration && <><dt>Calibrated</dt><dd>“none of these” catches {(100 * card.calibration.foreignCaught).toFixed(0)} % of what it never learned, and gives up {(100 * card.calibration.knownAbstained).toFixed(0)} % of what it did</dd></>}
        <dt>BatchNorm</dt><dd>{model.batchNorm}</dd>
        <dt>SHA-256</dt><dd><code title={model.version}>{model.version.slice(0, 16)}…</code></dd>
      </dl>
      {card.text && <details><summary>Card</summary><pre class="card-text">{card.text}</pre></details>}
    </li>
  );
}

function takes({ images, kind, columns, shape }: Model["input"]) {
  if (images) return `pictures of ${shape[1]}×${shape[2]}, ${shape[0] === 1 ? "grey" : "colour"}`;
  if (kind === "texts") return "texts";
  if (columns) return `rows of a table: ${columns.map((one) => (one.categories ? `${one.name} (${one.categories.join(", ")})` : one.name)).join(", ")}`;
  return `${shape.join("×")} numbers`;
}

function said(item: Said) {
  return "text" in item ? item.text : Object.entries(item.row).map(([column, cell]) => `${column}: ${cell ?? "–"}`).join(", ");
}

function Examples({ classes }: { classes: ClassState[] }) {
  if (!classes.some((one) => one.examples.some((example) => example.item))) return null;
  return (
    <details><summary>Examples</summary>
      <dl>{classes.map((one) => <><dt>{one.name}</dt><dd><ul>{one.examples.map((example) => <li key={example.id}>{example.item ? said(example.item) : example.sha256.slice(0, 16)}</li>)}</ul></dd></>)}</dl>
    </details>
  );
}

function Adaptations() {
  const [after, setAfter] = useState<string[]>([]);
  const list = useAsked<{ adaptations: AdaptationSummary[]; next: string | null }>(`/v1/adaptations${after.length > 0 ? `?after=${after[after.length - 1]}` : ""}`);
  const [chosen, choose] = useState<string | null>(null);
  const rows = [...(list.value?.adaptations ?? [])].sort((a, b) => b.created.localeCompare(a.created));
  return (
    <section aria-labelledby="adaptations-title">
      <h1 id="adaptations-title">Adaptations</h1>
      {list.mistake && <p class="mistake" role="alert">{list.mistake}</p>}
      {list.value && rows.length === 0 && <p>None yet: teach something under <a href="#/teach">Draw to teach</a>.</p>}
      {rows.length > 0 && (
        <ul class="adaptations">
          {rows.map((one) => (
            <li key={one.id} class="card">
              <button class="row" aria-expanded={chosen === one.id} onClick={() => choose(chosen === one.id ? null : one.id)}>
                <b>{one.name || one.id.slice(0, 8)}</b><span>{one.model}</span><span>version {one.current}</span><span class="fine">{when(one.created)}</span>
              </button>
              {chosen === one.id && <OneAdaptation id={one.id} onGone={() => (choose(null), list.again())} onChange={list.again} />}
            </li>
          ))}
        </ul>
      )}
      <div class="tools">
        {after.length > 0 && <button onClick={() => setAfter(after.slice(0, -1))}>Back</button>}
        {list.value?.next && <button onClick={() => setAfter([...after, list.value!.next!])}>More</button>}
      </div>
    </section>
  );
}

function OneAdaptation({ id, onGone, onChange }: { id: string; onGone(): void; onChange(): void }) {
  const state = useAsked<Adaptation>(`/v1/adaptations/${id}`);
  const versions = useAsked<{ current: number; versions: Version[] }>(`/v1/adaptations/${id}/versions`);
  const [mistake, setMistake] = useState("");
  const [sure, setSure] = useState(false);
  const act = async (work: () => Promise<unknown>, then: () => void) => {
    try {
      await work();
      setMistake("");
      then();
    } catch (failure) {
      setMistake(say(failure));
    }
  };
  const again = () => (state.again(), versions.again(), onChange());
  return (
    <div class="adaptation">
      {(mistake || state.mistake) && <p class="mistake" role="alert">{mistake || state.mistake}</p>}
      {state.value && <p>{state.value.classes.map((one) => `${one.name} (${one.examples.length})`).join(", ")}</p>}
      {state.value && <Examples classes={state.value.classes} />}
      <div class="scroll">
        <table>
          <thead><tr><th>Version</th><th>From</th><th>Made</th><th>Classes</th><th>Examples</th><th>Model</th><th /></tr></thead>
          <tbody>
            {[...(versions.value?.versions ?? [])].reverse().map((one) => {
              const current = one.version === versions.value!.current;
              return (
                <tr key={one.version} class={current ? "current" : ""}>
                  <td>{one.version}{current && " (current)"}</td><td>{one.parent || "–"}</td><td>{when(one.created)}</td><td>{one.classes}</td><td>{one.examples}</td>
                  <td><code>{one.modelVersion.slice(0, 8)}</code></td>
                  <td>{!current && <button onClick={() => act(() => post(`/v1/adaptations/${id}/rollback`, { version: one.version }), again)}>Roll back to {one.version}</button>}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="tools">
        <code>{id}</code>
        {sure
          ? <><button class="danger" onClick={() => act(() => remove(`/v1/adaptations/${id}`), onGone)}>Delete for good, with all versions</button><button onClick={() => setSure(false)}>Keep it</button></>
          : <button onClick={() => setSure(true)}>Delete…</button>}
      </p>
    </div>
  );
}

interface AuditLine { seq: number; time: string; who: string; action: string; adaptation?: string; version?: number; previous: string }

const PAGE = 1000;
const MOST_LINES = 200;

async function auditLines(): Promise<AuditLine[]> {
  const lines: AuditLine[] = [];
  for (let page = PAGE; page === PAGE; ) {
    const text = await getText(`/v1/audit?after=${lines[lines.length - 1]?.seq ?? 0}`);
    const more = text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as AuditLine);
    lines.push(...more);
    page = more.length;
  }
  return lines.slice(-MOST_LINES).reverse();
}

function Audit() {
  const [lines, setLines] = useState<AuditLine[] | null>(null);
  const [mistake, setMistake] = useState("");
  const show = async () => {
    try {
      setLines(await auditLines());
      setMistake("");
    } catch (failure) {
      setMistake(say(failure));
    }
  };
  return (
    <section aria-labelledby="audit-title">
      <div class="heading">
        <h1 id="audit-title">Audit trail</h1>
        <button onClick={show}>{lines ? "Read again" : "Show"}</button>
      </div>
      <p class="fine">Every change, by hashes; each line holds the hash of the one before it. <code>deutero audit verify</code> checks the chain.</p>
      {mistake && <p class="mistake" role="alert">{mistake}</p>}
      {lines && (
        <div class="scroll">
          <table>
            <thead><tr><th>Line</th><th>When</th><th>Who</th><th>What</th><th>Adaptation</th><th>Version</th><th>Hash before</th></tr></thead>
            <tbody>{lines.map((line) => (
              <tr key={line.seq}><td>{line.seq}</td><td>{when(line.time)}</td><td>{line.who}</td><td>{line.action}</td><td><code>{line.adaptation?.slice(0, 8)}</code></td><td>{line.version}</td><td><code>{line.previous.slice(0, 12)}</code></td></tr>
            ))}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}
