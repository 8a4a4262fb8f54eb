import { RoomName } from '@manycast/protocol';
import type { World } from './world.js';

interface Listed {
  room: string;
  viewers: number;
}

/**
 * R-PRES-1, R-DIR-1: what is wrong now with the numbers of viewers. Those that everybody with the SDK was told last, and
 * that of the directory, are those of the sessions that are there; what is over is not listed.
 */
export async function audienceProblems({ cluster, participants, rooms, stores }: World): Promise<string[]> {
  const found: string[] = [];
  const node = cluster.nodes[0];
  const response = await fetch(`${node?.httpUrl}/rooms`);
  // A node that has too much to do gives up its directory first.
  if (!response.ok) return [`R-DIR-1: the directory answers ${response.status}`];
  const listed = ((await response.json()) as { rooms: Listed[] }).rooms;
  for (const name of rooms) {
    const { state, sessions } = await stores.rooms.read(RoomName.parse(name));
    const viewers = [...sessions.values()].filter(({ role }) => role === 'viewer').length;
    const card = listed.find(({ room }) => room === name);
    if ((card !== undefined) !== (state === 'live'))
      found.push(`R-DIR-1: ${name} is ${state} and ${card ? '' : 'not '}listed`);
    if (card && card.viewers !== viewers)
      found.push(`R-DIR-1: ${name} is listed with ${card.viewers} viewers, and has ${viewers}`);
    for (const { order, isIn, viewers: told, name: who } of participants)
      if (order.room === name && isIn && told !== viewers)
        found.push(`R-PRES-1: ${who} was told of ${told} viewers, and there are ${viewers}`);
  }
  return found;
}
