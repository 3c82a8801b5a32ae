// The page: which view is shown, the key, the theme.

import { render } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { key, whenLocked } from "./api";
import { Classroom } from "./classroom";
import { Models } from "./models";
import { Runs } from "./runs";
import { useAsked } from "./store";
import "./style.css";
import { Teach } from "./teach";
import type { Model } from "./types";
import { Writing } from "./writing";

const views = [["teach", "Draw to teach"], ["runs", "Runs"], ["models", "Models"]] as const;

const here = () => location.hash.replace(/^#\/?/, "") || "teach";

function Studio() {
  const [path, setPath] = useState(here());
  const [locked, setLocked] = useState(false);
  const [opened, setOpened] = useState(0);
  const [view = "", ...rest] = path.split("/").map(decodeURIComponent);
  useEffect(() => {
    const follow = () => setPath(here());
    addEventListener("hashchange", follow);
    whenLocked(() => setLocked(true));
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.title = `${views.find(([name]) => name === view)?.[1] ?? "Studio"} – Deutero studio`;
  }, [view]);

  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")!.focus())}>Skip to the content</a>
      <header>
        <span class="brand"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M8 22c2-9 5-13 7-12s-3 11 0 11 4-8 6-8-1 9 3 8" /></svg>Deutero</span>
        <nav aria-label="Views">
          {views.map(([name, title]) => <a key={name} href={`#/${name}`} aria-current={view === name || (view === "texts" && name === "teach") ? "page" : undefined}>{title}</a>)}
        </nav>
        <Theme />
        {(key.get() || locked) && <button class="quiet" onClick={() => (key.set(""), setLocked(true))}>{key.get() ? "Forget the key" : "Key"}</button>}
      </header>
      <main id="main" tabIndex={-1} key={opened}>
        {locked
          ? <Key onKey={() => (setLocked(false), setOpened(opened + 1))} />
          : view === "runs" ? <Runs chosen={rest} /> : view === "models" ? <Models /> : <Teaching writing={view === "texts"} />}
      </main>
    </>
  );
}

let room: Classroom | null = null;

function Teaching({ writing }: { writing: boolean }) {
  const { value, mistake } = useAsked<{ models: Model[] }>("/v1/models");
  if (mistake) return <p class="mistake" role="alert">{mistake}</p>;
  if (!value) return <p class="placeholder" role="status">Looking for models…</p>;
  const usable = value.models.filter((one) => one.input.images);
  const ofTexts = value.models.filter((one) => one.input.kind === "texts");
  if (ofTexts.length > 0 && (writing || usable.length === 0)) return <Writing models={ofTexts} />;
  if (usable.length === 0) {
    return <p>No model of pictures or texts is loaded: train one with <code>deutero train --output runs/first</code>, and serve it with <code>deutero serve --model runs/first</code>.</p>;
  }
  const [first] = usable.filter((one) => one.input.inkIsBright && one.ways === 0).concat(usable);
  room ??= new Classroom(first!);
  if (!usable.some((one) => one.name === room!.model.name && one.version === room!.model.version)) room.use(first!);
  return (
    <>
      {ofTexts.length > 0 && <p class="fine">A model of texts is loaded, too: <a href="#/texts">write to teach</a>.</p>}
      <Teach room={room} models={usable} />
    </>
  );
}

function Key({ onKey }: { onKey(): void }) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current!.focus(), []);
  const open = (event: Event) => {
    event.preventDefault();
    key.set(input.current!.value.trim());
    onKey();
  };
  return (
    <form class="key" onSubmit={open}>
      <h1>This service needs a key</h1>
      <label for="key">Key</label>
      <input id="key" ref={input} type="password" autocomplete="off" spellcheck={false} required placeholder="dtr_…" />
      <p class="fine">It is kept until this tab is closed. Who runs the service makes one with <code>deutero keys create</code>.</p>
      <button class="primary">Open</button>
    </form>
  );
}

const THEME = "deutero-theme";
const themes = ["auto", "light", "dark"] as const;
type ThemeName = (typeof themes)[number];

function Theme() {
  const [theme, setTheme] = useState<ThemeName>((localStorage.getItem(THEME) as ThemeName | null) ?? "auto");
  useEffect(() => {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = theme;
    if (theme === "auto") localStorage.removeItem(THEME);
    else localStorage.setItem(THEME, theme);
    const changed = () => dispatchEvent(new Event("themechange"));
    changed();
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", changed);
    return () => system.removeEventListener("change", changed);
  }, [theme]);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length]!;
  return <button class="quiet theme" onClick={() => setTheme(next)} aria-label={`Colours: ${theme}; change to ${next}`}>{{ auto: "◐", light: "☀", dark: "☾" }[theme]}</button>;
}

render(<Studio />, document.getElementById("studio")!);
