// Asks the service. A key is kept for this tab alone, and is sent nowhere but to this service.

const KEY = "deutero-key";

export class Problem extends Error {
  constructor(readonly status: number, message: string, readonly retryAfter: number) {
    super(message);
  }
}

let onLocked: () => void = () => {};

/** Is told when the service wants a key that it has not been given. */
export function whenLocked(listener: () => void) {
  onLocked = listener;
}

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value: string) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key.get()) headers["Authorization"] = `Bearer ${key.get()}`;
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem(0, "The service does not answer. Is it still running?", 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) onLocked();
  const detail = await answer.json().then((problem) => problem.detail as string, () => answer.statusText);
  throw new Problem(answer.status, detail, Number(answer.headers.get("Retry-After") ?? 0));
}

export const get = async <T>(path: string): Promise<T> => (await send("GET", path)).json();
export const getText = async (path: string): Promise<string> => (await send("GET", path)).text();
export const post = async <T>(path: string, body: unknown): Promise<T> => (await send("POST", path, body)).json();
export const remove = async (path: string): Promise<void> => void (await send("DELETE", path));

export const say = (failure: unknown) => (failure instanceof Error ? failure.message : String(failure));
