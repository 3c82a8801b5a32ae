// What a view shows of something that changes by itself.

import { useEffect, useReducer, useState } from "preact/hooks";
import { get, say } from "./api";

interface Listenable { listen(listener: () => void): () => void }

export function useChanges(...sources: Listenable[]) {
  const [, again] = useReducer<number, void>((count) => count + 1, 0);
  useEffect(() => {
    const stops = sources.map((source) => source.listen(() => again()));
    return () => stops.forEach((stop) => stop());
  }, sources);
}

/** Asks the service when shown, and again after some time where that is given. */
export function useAsked<T>(path: string | null, everySeconds = 0): { value: T | null; mistake: string; again: () => void } {
  const [value, setValue] = useState<T | null>(null);
  const [mistake, setMistake] = useState("");
  const [round, again] = useReducer<number, void>((count) => count + 1, 0);
  useEffect(() => setValue(null), [path]);
  useEffect(() => {
    if (!path) return;
    let gone = false;
    let timer = 0;
    const ask = async () => {
      try {
        const found = await get<T>(path);
        if (gone) return;
        setValue(found);
        setMistake("");
      } catch (failure) {
        if (!gone) setMistake(say(failure));
      }
      if (!gone && everySeconds > 0) timer = window.setTimeout(() => (document.hidden ? (timer = window.setTimeout(ask, 1000 * everySeconds)) : ask()), 1000 * everySeconds);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [path, everySeconds, round]);
  return { value, mistake, again: () => again() };
}
