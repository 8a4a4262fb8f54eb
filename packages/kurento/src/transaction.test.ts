import { describe, expect, it } from 'vitest';
import { Transaction } from './transaction.js';

describe('a transaction', () => {
  const transaction = new Transaction();
  const pipeline = transaction.create('MediaPipeline');
  const endpoint = transaction.create('WebRtcEndpoint', { mediaPipeline: pipeline });
  transaction.invoke(endpoint, 'processOffer', { offer: 'v=0' });

  it('numbers its operations 0..n-1 and refers back only', () => {
    expect(transaction.params.operations.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect([pipeline, endpoint]).toEqual(['newref:0', 'newref:1']);
  });

  it('is a success only when every operation was answered', () => {
    const results = [{ result: { value: 'p' } }, { result: { value: 'e' } }, { result: { value: 'answer' } }];
    expect(transaction.read({ value: results }).error).toBeUndefined();
    expect(transaction.read({ value: results.slice(0, 2) }).error?.code).toBe('internal');
    expect(transaction.read({}).error?.code).toBe('internal');
  });

  it('fails with the code of the operation it stopped at, and knows what was made before', () => {
    const result = transaction.read({
      value: [{ result: { value: 'p' } }, { error: { code: 40009, message: 'full' } }],
    });
    expect(result.error).toMatchObject({ code: 'media-full', cause: { code: 40009 } });
    expect(result.value(0)).toBe('p');
    expect(result.value(2)).toBeUndefined();
  });
});
