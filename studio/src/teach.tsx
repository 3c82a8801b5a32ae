// Draw to teach.

import { useEffect, useRef, useState } from "preact/hooks";
import { Classroom } from "./classroom";
import { EmbeddingMap } from "./embedding-map";
import { blank, isBlank, type Drawing } from "./ink";
import { MOST_EXAMPLES, taught, type LessonClass } from "./lesson";
import { Nearest } from "./nearest";
import { Pad, take } from "./pad";
import { colour } from "./palette";
import { useChanges } from "./store";
import { suggestions } from "./suggestions";
import { Thumbnail } from "./thumbnail";
import type { Model } from "./types";

const percent = (share: number) => `${Math.round(100 * share)} %`;

export function Teach({ room, models }: { room: Classroom; models: Model[] }) {
  useChanges(room, room.lessons);
  const { lessons } = room;
  const { classes, query } = lessons.now;
  const ready = taught(lessons.now);
  const lacks = room.teacher.lacks(lessons.now);
  const next = classes.find((one) => one.examples.length === 0);

  useEffect(() => void performance.mark("studio-ready"), []);
  useEffect(() => {
    const undo = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && !(event.target instanceof HTMLInputElement)) {
        event.preventDefault();
        lessons.undo();
      }
    };
    addEventListener("keydown", undo);
    return () => removeEventListener("keydown", undo);
  }, [lessons]);

  return (
    <div class="teach" onPointerDown={() => room.stopDemonstration()}>
      <section class="lesson" aria-labelledby="lesson-title">
        <div class="heading">
          <h1 id="lesson-title">{title(room, ready.length, next)}</h1>
          <div class="tools">
            {models.length > 1 && (
              <label class="choice">Model
                <select value={room.model.name} onChange={(event) => room.use(models.find((one) => one.name === event.currentTarget.value)!)}>
                  {models.map((one) => <option key={one.name}>{one.name}</option>)}
                </select>
              </label>
            )}
            {room.demonstrating
              ? <button onClick={() => room.stopDemonstration()}>Stop</button>
              : <button onClick={() => room.demonstrate()}>Show me</button>}
            <button onClick={() => lessons.undo()} disabled={lessons.past.length === 0} title="Ctrl+Z">Undo</button>
            <button onClick={() => room.restart()} disabled={ready.length === 0 && isBlank(query)}>Start again</button>
          </div>
        </div>
        {(room.teacher.learned?.warnings ?? []).map((warning) => <p key={warning} class="doubt">{warning}</p>)}
        <p id="pad-help" class="visually-hidden">
          Draw with a mouse, a finger or a pen. With the keyboard: arrow keys move the pen, Space puts it down and lifts it, Delete clears the pad. Or open a picture with
          the button below the pad.
        </p>
        <ul class="classes">
          {classes.map((one, place) => (
            <ClassCard key={one.id} room={room} one={one} place={place} inviting={one === next && (lacks !== null || ready.length === 0)} />
          ))}
          <li class="new-class"><button onClick={() => lessons.addClass()} disabled={room.model.ways > 0 && classes.length >= room.model.ways}>+ Add a class</button></li>
        </ul>
        {lacks === null && isBlank(query) && <button class="primary to-ask" onClick={() => document.getElementById("ask-title")!.scrollIntoView({ behavior: "smooth" })}>Test it ↓</button>}
      </section>
      <Ask room={room} canAsk={lacks === null} lacks={lacks} />
      {room.explanation && (
        <section class="why" aria-labelledby="why-title">
          <h2 id="why-title">Why?</h2>
          <Nearest explanation={room.explanation} lesson={lessons.now} />
          <EmbeddingMap explanation={room.explanation} lesson={lessons.now} />
        </section>
      )}
    </div>
  );
}

function title(room: Classroom, ready: number, next: LessonClass | undefined) {
  if (room.demonstrating) return "Watch: one drawing of each is enough";
  if (room.teacher.lacks(room.lessons.now)) {
    return ready === 0 ? `Teach it something: draw “${next?.name ?? "a thing"}”` : `Now “${next?.name ?? "something else"}”, or anything else`;
  }
  return isBlank(room.lessons.now.query) ? `It has learned ${ready} things. Now test it` : "Draw on: it learns as you go";
}

function ClassCard({ room, one, place, inviting }: { room: Classroom; one: LessonClass; place: number; inviting: boolean }) {
  const { lessons } = room;
  const [name, setName] = useState(one.name);
  useEffect(() => setName(one.name), [one.name]);
  const picker = useRef<HTMLInputElement>(null);
  const tell = (message: string) => room.tell(message);
  const nearest = (room.explanation?.examples ?? []).filter((each) => each.distance !== null).sort((a, b) => a.distance! - b.distance!)[0];
  const add = async (files: FileList | null) => {
    for (const file of [...(files ?? [])]) await take(file, (drawing) => lessons.draw(one.id, null, drawing), tell);
  };
  const suggested = suggestions.find((each) => each.name === one.name);
  const pads: { id: number | null; drawing: Drawing }[] = [...one.examples];
  if (pads.length < MOST_EXAMPLES) pads.push({ id: null, drawing: blank });

  return (
    <li class="class" style={{ "--class": colour(place) }}>
      <div class="class-head">
        <input class="name" value={name} maxLength={60} aria-label={`Name of class ${place + 1}`} onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => setName(event.currentTarget.value)} onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          onBlur={() => name.trim() === one.name || lessons.rename(one.id, name) || (setName(one.name), tell(`A class is named ${name.trim() || "nothing"} already: its name stays ${one.name}.`))} />
        <button class="icon" aria-label={`Open pictures of ${one.name}`} title="Open pictures" disabled={one.examples.length >= MOST_EXAMPLES}
          onClick={() => picker.current!.click()}>
          <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 13V4m0 0L6.5 7.5M10 4l3.5 3.5M4 13v3h12v-3" /></svg>
        </button>
        <button class="icon" aria-label={`Remove the class ${one.name}`} title="Remove" onClick={() => lessons.removeClass(one.id)}>
          <svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5.5 5.5l9 9m0-9l-9 9" /></svg>
        </button>
        <input ref={picker} class="visually-hidden" type="file" accept="image/png,image/jpeg,image/webp,image/*" multiple tabIndex={-1} aria-label={`Pictures of ${one.name}`}
          onChange={async (event) => {
            const input = event.currentTarget;
            await add(input.files);
            input.value = "";
          }} />
      </div>
      <div class="examples">
        {pads.map((pad, number) => {
          const pull = pad.id !== null && nearest?.example === pad.id;
          return (
            <div key={number} class={`example${number === 0 ? " first" : ""}${number > 0 && pad.id === null ? " spare" : ""}`}>
              <Pad drawing={pad.drawing} label={pad.id === null ? `Draw an example of ${one.name}` : `Example ${number + 1} of ${one.name}`}
                hint={pad.id === null ? (number === 0 ? `draw “${one.name}”` : "one more?") : undefined} ghost={number === 0 ? suggested?.strokes : undefined} inviting={inviting && number === 0}
                onDraw={(drawing) => lessons.draw(one.id, pad.id, drawing)} onMistake={tell} />
              {pad.id !== null && (
                <button class="clear" aria-label={`Delete example ${number + 1} of ${one.name}`} title="Delete" onClick={() => lessons.draw(one.id, pad.id, blank)}>×</button>
              )}
              {pull && <span class="pull" title="The example that is nearest to your drawing">nearest</span>}
            </div>
          );
        })}
      </div>
    </li>
  );
}

function Ask({ room, canAsk, lacks }: { room: Classroom; canAsk: boolean; lacks: string | null }) {
  const { lessons, answer } = room;
  const { query, classes } = lessons.now;
  const picker = useRef<HTMLInputElement>(null);
  const best = answer?.prediction;
  const says = !best ? "" : best.abstained ? "None of these" : best.class!;
  const closest = best && Object.entries(best.probabilities).reduce((most, one) => (one[1] > most[1] ? one : most));

  return (
    <section class={canAsk ? "ask" : "ask waiting"} aria-labelledby="ask-title">
      <h2 id="ask-title">What is this?</h2>
      <div class="question">
        <Pad drawing={query} label="Draw what it should recognise" hint={canAsk ? "draw one of them, your way" : "first draw what it should learn"}
          inviting={canAsk && isBlank(query) && !room.demonstrating} onLive={(drawing) => room.peek(drawing)} onDraw={(drawing) => lessons.ask(drawing)}
          onMistake={(message) => room.tell(message)} />
        <div class="question-tools">
          <button onClick={() => lessons.ask(blank)} disabled={isBlank(query)}>Clear</button>
          <button onClick={() => picker.current!.click()}>Open a picture</button>
          <input ref={picker} class="visually-hidden" type="file" accept="image/*" tabIndex={-1} aria-label="A picture to recognise"
            onChange={async (event) => {
              const input = event.currentTarget;
              if (input.files?.[0]) await take(input.files[0], (drawing) => lessons.ask(drawing), (message) => room.tell(message));
              input.value = "";
            }} />
          {!isBlank(query) && <span class="seen">it sees <Thumbnail drawing={query} size={42} asModel={room.teacher.size} label="The drawing as the model sees it" /></span>}
        </div>
      </div>
      <div class="verdict">
        <p class={best?.abstained ? "says none" : "says"} data-testid="says">
          {best ? <>{says} <small>{best.abstained ? `closest: ${closest![0]}` : percent(closest![1])}</small></> : <span class="placeholder">{room.learning ? "learning…" : lacks ?? "waiting for your drawing"}</span>}
        </p>
        <Announcement text={best ? `It looks like ${best.abstained ? "none of these" : `${says}, ${percent(closest![1])}`}` : ""} />
        <ul class="bars" aria-label="How sure it is of each class">
          {classes.map((one, place) => {
            const share = best?.probabilities[one.name] ?? 0;
            return (
              <li key={one.id} class={best && !best.abstained && best.class === one.name ? "best" : ""} style={{ "--class": colour(place) }}>
                <Thumbnail drawing={one.examples[0]?.drawing ?? blank} size={28} />
                <span class="bar-name">{one.name}</span>
                <span class="bar"><span style={{ width: `${100 * share}%` }} /></span>
                <span class="share">{best ? percent(share) : "–"}</span>
              </li>
            );
          })}
        </ul>
        {best && answer && <p class="fine">Version {answer.version}, {Math.max(1, Math.round(answer.milliseconds))} ms{answer.calibrated ? ", calibrated" : ", not calibrated"}</p>}
        {room.mistake && <p class="mistake" role="alert">{room.mistake}</p>}
      </div>
    </section>
  );
}

// Spoken when the drawing rests, not at every stroke.
function Announcement({ text }: { text: string }) {
  const [spoken, speak] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => speak(text), 700);
    return () => clearTimeout(timer);
  }, [text]);
  return <p class="visually-hidden" aria-live="polite" data-testid="announcement">{spoken}</p>;
}
