/** What the SDK needs of a clock; a test drives one by hand. */
export interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemTimers: Timers = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: timer => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** One thing to be done later; setting it again forgets what was set before. */
export interface Alarm {
  readonly isSet: boolean;
  set(delayMs: number, callback: () => void): void;
  clear(): void;
}

export function createAlarm(timers: Timers): Alarm {
  let timer: unknown;
  let isSet = false;
  const clear = () => {
    if (isSet) timers.clearTimeout(timer);
    isSet = false;
  };
  return {
    get isSet() {
      return isSet;
    },
    set: (delayMs, callback) => {
      clear();
      isSet = true;
      timer = timers.setTimeout(() => {
        isSet = false;
        callback();
      }, delayMs);
    },
    clear,
  };
}
