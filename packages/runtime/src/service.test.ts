import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';
import { runServices, type Service } from './service.js';

const log = createLogger({ name: 'test', level: 'silent' });

function recorded(calls: string[], name: string, failing?: 'start' | 'stop'): Service {
  const step = (verb: 'start' | 'stop' | 'drain') => async () => {
    calls.push(`${verb} ${name}`);
    if (verb === failing) throw new Error(`${name} cannot ${verb}`);
  };
  return { name, start: step('start'), drain: step('drain'), stop: step('stop') };
}

describe('runServices', () => {
  it('drains all before it stops any, both in reverse', async () => {
    const calls: string[] = [];
    const running = await runServices([recorded(calls, 'a'), recorded(calls, 'b')], log);
    await running.stop();
    expect(calls).toEqual(['start a', 'start b', 'drain b', 'drain a', 'stop b', 'stop a']);
  });

  it('undoes what had started when one fails', async () => {
    const calls: string[] = [];
    await expect(runServices([recorded(calls, 'a'), recorded(calls, 'b', 'start')], log)).rejects.toThrow(
      'b cannot start',
    );
    expect(calls).toEqual(['start a', 'start b', 'stop a']);
  });

  it('stops the rest when one does not stop cleanly', async () => {
    const calls: string[] = [];
    const running = await runServices([recorded(calls, 'a'), recorded(calls, 'b', 'stop')], log);
    await running.stop();
    expect(calls.at(-1)).toBe('stop a');
  });
});
