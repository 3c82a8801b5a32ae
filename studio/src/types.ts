// What the service answers: the records of Deutero.Client.

export interface ModelCard { data: string; licence: string; metric: string; mean: number; halfWidth95: number; episodes: number; source: string; text: string; calibration?: Calibration | null }
export interface Calibration { knownAbstained: number; foreignCaught: number; eceBefore: number; eceAfter: number; measuredOn: string }
export interface Model {
  name: string; version: string; learner: string; ways: number; batchNorm: string;
  input: { shape: number[]; images: boolean; inkIsBright: boolean; kind: string; columns: { name: string; categories: string[] | null }[] | null };
  card: ModelCard;
}

export interface AdaptationSummary { id: string; name: string; model: string; current: number; created: string }
export type Cell = number | string | null;
export type Said = { text: string } | { row: Record<string, Cell> }; // of images and numbers only the hash is shown
export interface ClassState { name: string; examples: { id: number; sha256: string; item: Said | null }[] }
export interface Adaptation {
  id: string; name: string; model: string; modelVersion: string; version: number; current: number; created: string; classes: ClassState[]; warnings: string[];
}
export interface Version { version: number; parent: number; created: string; modelVersion: string; classes: number; examples: number }
export interface Prediction { class: string | null; probability: number; abstained: boolean; probabilities: Record<string, number> }
export interface ExplainedExampleState { id: number; class: string; influence: number | null; distance: number | null; x: number | null; y: number | null }
export interface ExplanationState { prediction: Prediction; examples: ExplainedExampleState[]; map: { x: number; y: number; share: number } | null }
export interface Predictions { version: number; calibrated: boolean; results: Prediction[] }

export interface RunScore { metric: string; mean: number; halfWidth95: number; episodes: number; source: string; curve: number[] }
export interface RunSummary {
  name: string; status: "running" | "finished" | "interrupted"; learner: string; data: string; iteration: number; iterations: number; changed: string;
  score: RunScore | null;
}
export interface RunState { summary: RunSummary; configuration: unknown; environment: unknown; card: string }
export interface RunMetric {
  iteration: number; loss: number | null; accuracy: number | null; validation: number | null; validationHalfWidth: number | null;
  seconds: number; tasksPerSecond: number; memoryMiB: number | null;
}
export interface EpisodeItem { target: number; pixels: string | null; values: number[] | null }
export interface Episode { source: string; ways: number; shape: number[]; support: EpisodeItem[]; query: EpisodeItem[] }
