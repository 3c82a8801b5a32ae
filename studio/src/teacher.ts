// Keeps an adaptation of the service as the lesson is, and asks it.

import { post, Problem } from "./api";
import { toPng } from "./ink";
import { taught, type Lesson, type LessonClass } from "./lesson";
import type { Adaptation, Model, Prediction, Predictions } from "./types";

/** A version of the adaptation: which example of the lesson is which of the service. */
interface Learned { version: number; classes: readonly LessonClass[]; ids: Map<number, number>; warnings: readonly string[] }

export interface Answer { prediction: Prediction; calibrated: boolean; version: number; milliseconds: number }

const signature = (classes: readonly LessonClass[]) => JSON.stringify(classes.map((one) => [one.name, one.examples.map((example) => example.id)]));

export class Teacher {
  adaptation: string | null = null;
  learned: Learned | null = null;
  private current: Learned | null = null; // as the service has it; learned is null while the lesson cannot be learned
  private versions = new Map<string, Learned>();
  private running: Promise<void> | null = null;
  private wanted: Lesson | null = null;

  constructor(readonly model: Model) {}

  get size() {
    return this.model.input.shape[2]!;
  }

  /** Why the lesson cannot be learned yet; null when it can. */
  lacks(lesson: Lesson): string | null {
    const ready = taught(lesson).length;
    if (this.model.ways > 0 && ready !== this.model.ways) return `This model tells apart exactly ${this.model.ways} things, and ${ready} have an example.`;
    return ready < 2 ? "At least two things need an example." : null;
  }

  /** Teaches the service the lesson; what is asked for meanwhile replaces what has not begun. */
  async learn(lesson: Lesson): Promise<void> {
    this.wanted = lesson;
    this.running ??= this.work().finally(() => (this.running = null));
    return this.running;
  }

  async ask(lesson: Lesson): Promise<Answer | null> {
    const learned = this.learned;
    if (!learned || !this.adaptation) return null;
    const started = performance.now();
    const answer = await post<Predictions>(`/v1/adaptations/${this.adaptation}/predictions`, {
      items: [toPng(lesson.query, this.size)], version: learned.version, invert: "auto",
    });
    return { prediction: answer.results[0]!, calibrated: answer.calibrated, version: answer.version, milliseconds: performance.now() - started };
  }

  forget() {
    this.adaptation = null;
    this.current = this.learned = null;
    this.versions.clear();
  }

  private async work() {
    while (this.wanted) {
      const lesson = this.wanted;
      this.wanted = null;
      if (this.lacks(lesson)) {
        this.learned = null;
        continue;
      }
      try {
        await this.become(taught(lesson));
      } catch (failure) {
        // Somebody deleted or changed it elsewhere: learn it anew.
        if (!(failure instanceof Problem) || !this.adaptation || ![404, 409].includes(failure.status)) throw failure;
        this.forget();
        await this.become(taught(lesson));
      }
    }
  }

  private async become(classes: readonly LessonClass[]) {
    const known = this.versions.get(signature(classes));
    if (!this.adaptation) {
      const made = await post<Adaptation>("/v1/adaptations", {
        model: this.model.name, name: "Studio lesson", classes: classes.map((one) => this.examples(one, [])), invert: "auto",
      });
      this.adaptation = made.id;
      this.keep(made, classes, new Map());
    } else if (known) {
      if (known !== this.current) await post<Adaptation>(`/v1/adaptations/${this.adaptation}/rollback`, { version: known.version });
      this.current = this.learned = known;
    } else {
      await this.changeTo(classes);
    }
  }

  private async changeTo(classes: readonly LessonClass[]) {
    const from = this.current!;
    const before = new Map(from.classes.map((one) => [one.name, one]));
    const after = new Map(classes.map((one) => [one.name, one]));
    const kept = new Map<number, number>();
    const add = [];
    const removeExamples: number[] = [];
    for (const one of classes) {
      const ids = before.has(one.name) ? before.get(one.name)!.examples.map((example) => example.id) : [];
      const stays = one.examples.filter((example) => ids.includes(example.id));
      stays.forEach((example) => kept.set(example.id, from.ids.get(example.id)!));
      removeExamples.push(...ids.filter((id) => !stays.some((example) => example.id === id)).map((id) => from.ids.get(id)!));
      if (stays.length < one.examples.length) add.push(this.examples(one, stays.map((example) => example.id)));
    }
    const made = await post<Adaptation>(`/v1/adaptations/${this.adaptation}/versions`, {
      base: from.version, add, removeExamples, removeClasses: [...before.keys()].filter((name) => !after.has(name)), invert: "auto",
    });
    this.keep(made, classes, kept);
  }

  // The service numbers the examples that were added in the order in which they were sent, after those that it kept.
  private keep(made: Adaptation, classes: readonly LessonClass[], kept: Map<number, number>) {
    const ids = new Map(kept);
    const old = new Set(kept.values());
    for (const one of classes) {
      const added = made.classes.find((state) => state.name === one.name)!.examples.filter((example) => !old.has(example.id));
      one.examples.filter((example) => !kept.has(example.id)).forEach((example, i) => ids.set(example.id, added[i]!.id));
    }
    this.current = this.learned = { version: made.version, classes, ids, warnings: made.warnings };
    this.versions.set(signature(classes), this.current);
  }

  private examples(one: LessonClass, except: readonly number[]) {
    return { name: one.name, examples: one.examples.filter((example) => !except.includes(example.id)).map((example) => toPng(example.drawing, this.size)) };
  }
}
