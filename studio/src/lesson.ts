// What is taught: the classes with their examples, and what is asked. Every change can be undone.

import { blank, isBlank, type Drawing, type Stroke } from "./ink";
import { suggestions } from "./suggestions";

export const MOST_EXAMPLES = 5;

export interface Example { readonly id: number; readonly drawing: Drawing }
export interface Lesson {
  readonly classes: readonly LessonClass[];
  readonly query: Drawing;
}
export interface LessonClass { readonly id: number; readonly name: string; readonly examples: readonly Example[] }

let lastId = 0;
const newId = () => ++lastId;

export const taught = (lesson: Lesson) => lesson.classes.filter((one) => one.examples.length > 0);

export class Lessons {
  now: Lesson;
  past: Lesson[] = [];
  private listeners = new Set<() => void>();

  constructor(classes: number) {
    this.now = Lessons.fresh(classes);
  }

  static fresh(classes: number): Lesson {
    return { classes: Array.from({ length: classes }, (_, i) => ({ id: newId(), name: freeName([], i), examples: [] })), query: blank };
  }

  listen(listener: () => void) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Changes the lesson; a change that is a part of a larger one is not undone by itself. */
  change(next: Lesson, isStep = true) {
    if (isStep) this.past.push(this.now);
    this.now = next;
    this.listeners.forEach((listener) => listener());
  }

  undo() {
    const before = this.past.pop();
    if (before) this.change(before, false);
  }

  restart(classes: number) {
    this.past = [];
    this.change(Lessons.fresh(classes), false);
  }

  draw(classId: number, exampleId: number | null, drawing: Drawing, isStep = true): number {
    const id = newId();
    this.edit(classId, (one) => {
      const kept = one.examples.map((example) => (example.id === exampleId ? { id, drawing } : example));
      const examples = exampleId === null ? [...one.examples, { id, drawing }] : kept;
      return { ...one, examples: examples.filter((example) => !isBlank(example.drawing)).slice(0, MOST_EXAMPLES) };
    }, isStep);
    return id;
  }

  rename(classId: number, name: string) {
    const others = this.now.classes.filter((one) => one.id !== classId).map((one) => one.name);
    const trimmed = name.trim().slice(0, 60);
    if (!trimmed || others.includes(trimmed)) return false;
    this.edit(classId, (one) => ({ ...one, name: trimmed }));
    return true;
  }

  addClass(): number {
    const id = newId();
    const name = freeName(this.now.classes.map((one) => one.name), this.now.classes.length);
    this.change({ ...this.now, classes: [...this.now.classes, { id, name, examples: [] }] });
    return id;
  }

  removeClass(classId: number) {
    this.change({ ...this.now, classes: this.now.classes.filter((one) => one.id !== classId) });
  }

  ask(query: Drawing, isStep = true) {
    this.change({ ...this.now, query }, isStep);
  }

  private edit(classId: number, how: (one: LessonClass) => LessonClass, isStep = true) {
    this.change({ ...this.now, classes: this.now.classes.map((one) => (one.id === classId ? how(one) : one)) }, isStep);
  }
}

/** A drawing with one more stroke. */
export const withStroke = (drawing: Drawing, stroke: Stroke): Drawing => ({ ...drawing, strokes: [...drawing.strokes, stroke] });

function freeName(taken: readonly string[], place: number): string {
  const suggested = suggestions.slice(place).find((one) => !taken.includes(one.name))?.name;
  for (let number = place + 1; ; number++) {
    const name = suggested ?? `thing ${number}`;
    if (!taken.includes(name)) return name;
  }
}
