// The lesson, the service that learns it, and what it says: one for each page, so that it outlives a look at another view.

import { Problem, say } from "./api";
import { explain, type Explanation } from "./explanations";
import { isBlank, type Drawing } from "./ink";
import { Lessons, withStroke, type Lesson } from "./lesson";
import { redrawn, suggestions } from "./suggestions";
import { Teacher, type Answer } from "./teacher";
import type { Model } from "./types";

const LEARN_AFTER = 250; // ms without a new stroke
const EXPLAIN_AFTER = 300;
const CLASSES = 3;

const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

export class Classroom {
  readonly lessons: Lessons;
  teacher: Teacher;
  answer: Answer | null = null;
  explanation: Explanation | null = null;
  learning = false;
  mistake = "";
  demonstrating = false;
  private asking = false;
  private askAgain = false;
  private live: Drawing | null = null;
  private learnTimer = 0;
  private explainTimer = 0;
  private listeners = new Set<() => void>();
  private last: Lesson;

  constructor(model: Model) {
    this.teacher = new Teacher(model);
    this.lessons = new Lessons(this.classes);
    this.last = this.lessons.now;
    this.lessons.listen(() => this.follow());
  }

  get model() {
    return this.teacher.model;
  }

  private get classes() {
    return this.model.ways || CLASSES;
  }

  /** Teaches another model the same lesson. */
  use(model: Model) {
    if (model.name === this.model.name && model.version === this.model.version) return;
    this.teacher = new Teacher(model);
    while (this.lessons.now.classes.length < model.ways) this.lessons.addClass();
    this.learnSoon(0);
  }

  listen(listener: () => void) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  tell(mistake: string) {
    this.mistake = mistake;
    this.changed();
  }

  /** Asks about a drawing that is not finished. */
  peek(drawing: Drawing) {
    this.live = drawing;
    void this.ask();
  }

  restart() {
    this.demonstrating = false;
    this.teacher.forget();
    this.lessons.restart(this.classes);
  }

  private follow() {
    const now = this.lessons.now;
    const taughtOther = now.classes !== this.last.classes;
    this.last = now;
    this.live = null;
    if (taughtOther) this.learnSoon(LEARN_AFTER);
    else void this.ask();
    this.changed();
  }

  private learnSoon(after: number) {
    clearTimeout(this.learnTimer);
    this.learnTimer = window.setTimeout(() => this.learn(), after);
  }

  private async learn() {
    this.learning = !this.teacher.lacks(this.lessons.now);
    this.changed();
    await this.guarded(() => this.teacher.learn(this.lessons.now));
    this.learning = false;
    await this.ask();
    this.changed();
  }

  private async ask() {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    do {
      this.askAgain = false;
      const lesson = this.live ? { ...this.lessons.now, query: this.live } : this.lessons.now;
      if (isBlank(lesson.query) || this.teacher.lacks(lesson)) this.answer = this.explanation = null;
      else await this.guarded(async () => void (this.answer = await this.teacher.ask(lesson)));
      this.changed();
    } while (this.askAgain);
    this.asking = false;
    this.explainSoon();
  }

  private explainSoon() {
    clearTimeout(this.explainTimer);
    if (!this.answer) return;
    this.explainTimer = window.setTimeout(async () => {
      const { teacher, lessons } = this;
      if (!teacher.learned || isBlank(lessons.now.query)) return;
      await this.guarded(async () => void (this.explanation = await explain(teacher, lessons.now.query, this.explanation)));
      this.changed();
    }, EXPLAIN_AFTER);
  }

  private async guarded(work: () => Promise<void>) {
    try {
      await work();
      this.mistake = "";
    } catch (failure) {
      // Too fast for the service: the next stroke asks again; a full queue empties in a moment.
      if (failure instanceof Problem && failure.status === 429) {
        await wait(1000 * (failure.retryAfter || 1));
        this.learnSoon(0);
      } else {
        this.answer = this.explanation = null;
        this.mistake = say(failure);
      }
    }
  }

  private changed() {
    this.listeners.forEach((listener) => listener());
  }

  /** Draws by itself what a visitor could draw. */
  async demonstrate() {
    this.restart();
    this.demonstrating = true;
    for (const [place, suggestion] of suggestions.slice(0, this.classes).entries()) {
      const one = this.lessons.now.classes[place];
      if (!one) return;
      let id: number | null = null;
      if (!(await this.trace(suggestion.strokes, (drawing, isFirst) => (id = this.lessons.draw(one.id, id, drawing, isFirst))))) return;
    }
    await wait(500);
    if (await this.trace(redrawn(suggestions[1]!.strokes), (drawing, isFirst) => this.lessons.ask(drawing, isFirst))) this.stopDemonstration();
  }

  stopDemonstration() {
    if (!this.demonstrating) return;
    this.demonstrating = false;
    this.changed();
  }

  // False when the visitor has taken the pen.
  private async trace(strokes: readonly (readonly (readonly [number, number])[])[], draw: (drawing: Drawing, isFirst: boolean) => void) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let done: Drawing = { strokes: [], picture: null };
    let isFirst = true;
    for (const stroke of strokes) {
      const points = still ? stroke.length : 3;
      for (let end = Math.min(points, stroke.length); ; end = Math.min(end + points, stroke.length)) {
        if (!this.demonstrating) return false;
        draw(withStroke(done, stroke.slice(0, end)), isFirst);
        isFirst = false;
        if (end === stroke.length) break;
        await wait(24);
      }
      done = withStroke(done, stroke);
      await wait(still ? 50 : 180);
    }
    return this.demonstrating;
  }
}
