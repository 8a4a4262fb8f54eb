import { setTimeout as pause } from 'node:timers/promises';
import type { World } from './world.js';

export interface Operation {
  name: string;
  weight: number;
  isFault: boolean;
  /** Says what it did; undefined when there was nothing to do it to. May leave work going on in the background. */
  run(world: World): string | undefined;
}

/** More would only measure this machine. */
const MAX_PEOPLE = 24;

const inside = (world: World) => world.participants.filter(({ isOver }) => !isOver);
const people = (world: World) => inside(world).length + world.guests.length;

const ordinary: Omit<Operation, 'isFault'>[] = [
  {
    name: 'present',
    weight: 16,
    run: world => {
      if (people(world) >= MAX_PEOPLE) return undefined;
      return world.join('presenter', world.random.pick(world.rooms) as string).name;
    },
  },
  {
    name: 'watch',
    weight: 26,
    run: world => {
      if (people(world) >= MAX_PEOPLE) return undefined;
      return world.join('viewer', world.random.pick(world.rooms) as string).name;
    },
  },
  {
    name: 'leave',
    weight: 14,
    run: world => {
      const who = world.random.pick(inside(world));
      who?.leave();
      return who?.name;
    },
  },
  {
    name: 'a tutorial page',
    weight: 8,
    run: world => {
      if (people(world) >= MAX_PEOPLE) return undefined;
      const role = world.random.next() < 0.3 ? 'presenter' : 'viewer';
      const room = world.random.pick(world.rooms) as string;
      world.inBackground(world.joinAsGuest(role, room));
      return `${role} in ${room}`;
    },
  },
  {
    name: 'a tutorial page closes',
    weight: 7,
    run: world => {
      const guest = world.random.pick(world.guests);
      if (guest) world.removeGuest(guest);
      return guest && `${guest.role} in ${guest.room}`;
    },
  },
];

const faults: Omit<Operation, 'isFault'>[] = [
  {
    name: 'sockets drop',
    weight: 10,
    run: world => {
      const who = world.random.pick(inside(world));
      who?.dropSockets();
      return who?.name;
    },
  },
  {
    name: 'a tab crashes',
    weight: 5,
    run: world => {
      const who = world.random.pick(inside(world));
      who?.vanish();
      return who?.name;
    },
  },
  {
    name: 'a client hangs between two sockets while the bus is cut',
    weight: 8,
    run: world => {
      const who = world.random.pick(inside(world).filter(({ session }) => session.state === 'connected'));
      if (!who || world.isRedisAway) return undefined;
      // Otherwise the former socket's node hears at once that it is superseded, and nobody needs the fence.
      world.inBackground(world.hang(who, { begin: () => world.cutRedis('pubsub'), end: () => {} }));
      return who.name;
    },
  },
  {
    name: 'a client leaves a node that stands still, and is heard when it wakes',
    weight: 6,
    run: world => {
      const who = world.random.pick(inside(world).filter(({ session }) => session.state === 'connected'));
      const node = world.running.find(({ nodeId }) => nodeId === who?.session.node);
      if (!who || !node || world.running.length < 2 || world.isRedisAway) return undefined;
      world.busy.add(node);
      const begin = () => void node.process.kill('SIGSTOP');
      const end = () => {
        node.process.kill('SIGCONT');
        world.busy.delete(node);
      };
      world.inBackground(world.hang(who, { begin, end }));
      return `${who.name}, ${node.nodeId}`;
    },
  },
  {
    name: 'the bus is cut',
    weight: 5,
    run: world => {
      if (world.isRedisAway) return undefined;
      world.inBackground(world.cutRedis('pubsub'));
      return 'every subscription';
    },
  },
  {
    name: 'Redis connections are cut',
    weight: 3,
    run: world => {
      if (world.isRedisAway) return undefined;
      world.inBackground(world.cutRedis('normal', 'pubsub'));
      return 'all of them';
    },
  },
  {
    name: 'links to a media server are cut',
    weight: 3,
    run: world => {
      const gate = world.random.pick(world.cluster.gates);
      gate?.cut();
      return gate?.url;
    },
  },
  {
    name: 'kill -9 of a node',
    weight: 5,
    run: world => {
      const node = world.running.length > 1 ? world.random.pick(world.running) : undefined;
      if (!node) return undefined;
      const awayMs = world.random.between(200, 5_000);
      world.busy.add(node);
      world.inBackground(
        world.cluster.kill(node).then(async () => {
          await pause(awayMs);
          await world.addNode(node.port);
        }),
      );
      return `${node.nodeId}, again after ${awayMs} ms`;
    },
  },
  {
    name: 'a node restarts in order',
    weight: 3,
    run: world => {
      const node = world.running.length > 1 ? world.random.pick(world.running) : undefined;
      if (!node) return undefined;
      world.busy.add(node);
      node.process.kill('SIGTERM');
      world.inBackground(
        node.process.exited.then(async () => {
          world.cluster.forget(node);
          await world.addNode(node.port);
        }),
      );
      return node.nodeId;
    },
  },
  {
    name: 'a node stands still',
    weight: 5,
    run: world => {
      const node = world.running.length > 1 ? world.random.pick(world.running) : undefined;
      if (!node) return undefined;
      const stillMs = world.random.between(500, 9_000);
      world.busy.add(node);
      node.process.kill('SIGSTOP');
      world.inBackground(
        pause(stillMs).then(() => {
          node.process.kill('SIGCONT');
          world.busy.delete(node);
        }),
      );
      return `${node.nodeId} for ${stillMs} ms`;
    },
  },
  {
    name: 'kill -9 of a controller',
    weight: 3,
    run: world => {
      const controller = world.random.pick(world.cluster.controllers);
      if (!controller) return undefined;
      const awayMs = world.random.between(200, 4_000);
      world.inBackground(
        world.cluster.kill(controller).then(async () => {
          await pause(awayMs);
          await world.cluster.addController();
        }),
      );
      return `again after ${awayMs} ms`;
    },
  },
  {
    name: 'Redis restarts empty',
    weight: 1,
    run: world => {
      if (world.isRedisAway) return undefined;
      const awayMs = world.random.between(100, 4_000);
      world.inBackground(world.restartRedis(awayMs));
      return `away for ${awayMs} ms`;
    },
  },
];

export const operations: Operation[] = [
  ...ordinary.map(operation => ({ ...operation, isFault: false })),
  ...faults.map(operation => ({ ...operation, isFault: true })),
];
