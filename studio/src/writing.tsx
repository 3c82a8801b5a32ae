// Write to teach: a model of texts learns a few sentences of each class, and is asked about another one.

import { useEffect, useState } from "preact/hooks";
import { post, remove, say } from "./api";
import { colour } from "./palette";
import type { Adaptation, Model, Prediction, Predictions } from "./types";

interface WrittenClass { name: string; examples: string }
interface Taught { id: string; lesson: string; warnings: string[] }

const percent = (share: number) => `${Math.round(100 * share)} %`;
const sentences = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const first: WrittenClass[] = [
  { name: "refund", examples: "give me my money back\nI want a refund" },
  { name: "weather", examples: "will it rain tomorrow?\nhow warm is it outside" },
];

export function Writing({ models }: { models: Model[] }) {
  const [model, setModel] = useState(models[0]!.name);
  const [classes, setClasses] = useState(first);
  const [question, setQuestion] = useState("");
  const [taught, setTaught] = useState<Taught | null>(null);
  const [answer, setAnswer] = useState<Prediction | null>(null);
  const [mistake, setMistake] = useState("");
  const lesson = JSON.stringify([model, classes]);
  const change = (place: number, change: Partial<WrittenClass>) => setClasses(classes.map((one, i) => (i === place ? { ...one, ...change } : one)));
  useEffect(() => void setAnswer(null), [lesson, question]);

  const learn = async (): Promise<Taught> => {
    if (taught?.lesson === lesson) return taught;
    const made = await post<Adaptation>("/v1/adaptations", {
      model, name: "Studio lesson", classes: classes.map((one) => ({ name: one.name.trim(), examples: sentences(one.examples).map((text) => ({ text })) })),
    });
    if (taught) void remove(`/v1/adaptations/${taught.id}`).catch(() => {}); // a key that may not delete leaves it
    const now = { id: made.id, lesson, warnings: made.warnings };
    setTaught(now);
    return now;
  };
  const ask = async (event: Event) => {
    event.preventDefault();
    try {
      const { id } = await learn();
      const answered = await post<Predictions>(`/v1/adaptations/${id}/predictions`, { items: [{ text: question }] });
      setAnswer(answered.results[0]!);
      setMistake("");
    } catch (failure) {
      setMistake(say(failure));
    }
  };

  return (
    <form class="teach" onSubmit={ask}>
      <section class="lesson" aria-labelledby="lesson-title">
        <div class="heading">
          <h1 id="lesson-title">Teach it sentences, one on each line</h1>
          {models.length > 1 && (
            <label class="choice">Model
              <select value={model} onChange={(event) => setModel(event.currentTarget.value)}>{models.map((one) => <option key={one.name}>{one.name}</option>)}</select>
            </label>
          )}
        </div>
        {taught?.lesson === lesson && taught.warnings.map((warning) => <p key={warning} class="doubt">{warning}</p>)}
        <ul class="classes">
          {classes.map((one, place) => (
            <li key={place} class="class" style={{ "--class": colour(place) }}>
              <div class="class-head">
                <input class="name" value={one.name} maxLength={60} required aria-label={`Name of class ${place + 1}`} onInput={(event) => change(place, { name: event.currentTarget.value })} />
                <button type="button" class="icon" aria-label={`Remove the class ${one.name}`} title="Remove" onClick={() => setClasses(classes.filter((_, i) => i !== place))}>
                  <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5.5 5.5l9 9m0-9l-9 9" /></svg>
                </button>
              </div>
              <textarea class="sentences" rows={5} required value={one.examples} aria-label={`Sentences of ${one.name}, one on each line`}
                onInput={(event) => change(place, { examples: event.currentTarget.value })} />
            </li>
          ))}
          <li class="new-class"><button type="button" onClick={() => setClasses([...classes, { name: `class ${classes.length + 1}`, examples: "" }])}>+ Add a class</button></li>
        </ul>
      </section>
      <section class="ask" aria-labelledby="ask-title">
        <h2 id="ask-title">What is this?</h2>
        <div class="question">
          <textarea id="question" class="sentences" rows={3} required value={question} placeholder="can I have my money, please?" aria-label="The sentence to recognise"
            onInput={(event) => setQuestion(event.currentTarget.value)} />
          <div class="question-tools"><button class="primary">Ask</button></div>
        </div>
        <div class="verdict" aria-live="polite">
          <p class={answer?.abstained ? "says none" : "says"} data-testid="says">
            {answer ? <>{answer.abstained ? "None of these" : answer.class} {!answer.abstained && <small>{percent(answer.probability)}</small>}</> : <span class="placeholder">waiting for your sentence</span>}
          </p>
          {answer && (
            <ul class="bars" aria-label="How sure it is of each class">
              {classes.map((one, place) => (
                <li key={place} class={!answer.abstained && answer.class === one.name.trim() ? "best" : ""} style={{ "--class": colour(place) }}>
                  <span /><span class="bar-name">{one.name}</span>
                  <span class="bar"><span style={{ width: `${100 * (answer.probabilities[one.name.trim()] ?? 0)}%` }} /></span>
                  <span class="share">{percent(answer.probabilities[one.name.trim()] ?? 0)}</span>
                </li>
              ))}
            </ul>
          )}
          {mistake && <p class="mistake" role="alert">{mistake}</p>}
        </div>
      </section>
    </form>
  );
}
