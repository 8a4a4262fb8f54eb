import { expect, it } from 'vitest';
import { objectId, sessionId } from './ids.js';
import { Subscriptions } from './subscriptions.js';

const endpoint = objectId('e');
const [red, blue] = ['red', 'blue'].map(sessionId) as [never, never];

it('tells each session once, until it has taken back all its subscriptions', () => {
  const subscriptions = new Subscriptions();
  const [one, two] = [subscriptions.add(red, endpoint, 'Error'), subscriptions.add(red, endpoint, 'Error')];
  subscriptions.add(blue, endpoint, 'Error');
  expect(subscriptions.sessionsFor(endpoint, 'Error')).toEqual([red, blue]);
  expect(subscriptions.sessionsFor(endpoint, 'MediaStateChanged')).toEqual([]);
  subscriptions.remove(red, endpoint, one);
  expect(subscriptions.sessionsFor(endpoint, 'Error')).toContain(red);
  subscriptions.remove(red, endpoint, two);
  expect(subscriptions.sessionsFor(endpoint, 'Error')).toEqual([blue]);
});

it('lets a session remove only its own', () => {
  const subscriptions = new Subscriptions();
  const id = subscriptions.add(red, endpoint, 'Error');
  subscriptions.remove(blue, endpoint, id);
  subscriptions.remove(red, objectId('elsewhere'), id);
  expect(subscriptions.sessionsFor(endpoint, 'Error')).toEqual([red]);
});

it('keeps nothing of a session that let go of the object', () => {
  const subscriptions = new Subscriptions();
  subscriptions.add(red, endpoint, 'Error');
  subscriptions.add(blue, endpoint, 'Error');
  subscriptions.drop(red, endpoint);
  expect(subscriptions.sessionsFor(endpoint, 'Error')).toEqual([blue]);
  subscriptions.drop(blue, endpoint);
  expect(subscriptions.objectCount).toBe(0);
});
