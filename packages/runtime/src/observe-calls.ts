/** One finished call of an observed object. */
export interface ObservedCall {
  method: string;
  durationMs: number;
  /** What it threw; undefined when it succeeded. */
  error?: unknown;
}

/**
 * The same object, with every asynchronous method reported when it is done. Methods that answer at once are passed
 * through unreported. What `onCall` sees it must not throw at.
 */
export function observeCalls<T extends object>(target: T, onCall: (call: ObservedCall) => void): T {
  return new Proxy(target, {
    get(_target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (...args: unknown[]) => {
        const startedAtMs = performance.now();
        const answer = value.apply(target, args);
        if (!(answer instanceof Promise)) return answer;
        const report = (failure?: { error: unknown }) =>
          onCall({ method: name, durationMs: performance.now() - startedAtMs, ...failure });
        answer.then(
          () => report(),
          error => report({ error }),
        );
        return answer;
      };
    },
  });
}
