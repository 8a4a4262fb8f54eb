import { describe, expect, it } from 'vitest';
import { parseFailOrder } from './fail-order.js';

describe('an order to fail', () => {
  it.each([
    ['silent', { kind: 'silent' }],
    [' full\n', { kind: 'full' }],
    ['slow=250', { kind: 'slow', byMs: 250 }],
    ['drop', { kind: 'drop', forMs: 0 }],
    ['drop=2000', { kind: 'drop', forMs: 2_000 }],
    ['restart', { kind: 'restart' }],
    ['well', { kind: 'well' }],
  ])('%j is understood', (text, order) => {
    expect(parseFailOrder(text)).toEqual(order);
  });

  it.each(['', 'slow', 'slow=', 'slow=-1', 'silent=5', 'explode', 'slow=9999999'])('%j is refused', text => {
    expect(() => parseFailOrder(text)).toThrow(/there are silent, slow=MS|at most/);
  });
});
