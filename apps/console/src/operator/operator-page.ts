import { type AdminApi, AdminProblem, type Room, type Session } from './admin-api.js';
import { nodeCard, roomsIn, roomTable, serverCard, sessionTable, tile } from './cluster-view.js';
import { confirmOrder, type Order } from './confirm.js';
import { diagnosisView } from './diagnosis-view.js';
import { element, show } from './element.js';
import { drawChart, type Sample } from './load-chart.js';

const everyMs = 2_000;
/** An hour of looks. */
const keptSamples = 1_800;
/** More rows than anybody reads slow the page down; the filter finds the rest. */
const shownRooms = 200;

const find = <E extends HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`operator.html has no #${id}`);
  return found as E;
};

/** Shows the cluster as the admin API tells it, every two seconds, and passes on orders once they are confirmed. */
export class OperatorPage {
  private readonly endpoints: Sample[] = [];
  private readonly liveRooms: Sample[] = [];
  private chosen: string | undefined;
  private rooms: Room[] = [];
  private isLooking = false;

  constructor(private readonly api: AdminApi) {}

  start(): void {
    find<HTMLFormElement>('access').addEventListener('submit', event => {
      event.preventDefault();
      this.api.token = find<HTMLInputElement>('token').value.trim();
      void this.connect();
    });
    find<HTMLFormElement>('diagnose').addEventListener('submit', event => {
      event.preventDefault();
      void this.diagnose(find<HTMLInputElement>('session').value.trim());
    });
    find('room-filter').addEventListener('input', () => this.showRooms());
    setInterval(() => void this.look(), everyMs);
    void this.connect();
  }

  private async connect(): Promise<void> {
    try {
      await this.api.connect();
      await this.look();
    } catch (problem) {
      this.sayConnection(problem);
    }
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const [servers, nodes, rooms] = await Promise.all([
        this.api.servers(),
        this.api.nodes(),
        this.api.rooms(),
      ]);
      this.rooms = rooms;
      const up = servers.filter(({ state }) => state === 'up').length;
      const live = rooms.filter(({ state }) => state === 'live').length;
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      const [reserved, capacity] = [sum(servers.map(s => s.reserved)), sum(servers.map(s => s.capacity))];
      this.keep(this.endpoints, { atMs: Date.now(), value: reserved, limit: capacity });
      this.keep(this.liveRooms, { atMs: Date.now(), value: live });

      const used = capacity > 0 ? reserved / capacity : 0;
      const liveNodes = nodes.filter(({ state }) => state === 'live').length;
      show(
        find('tiles'),
        tile('nodes live', `${liveNodes} of ${nodes.length}`, liveNodes < nodes.length ? 'mild' : ''),
        tile('media servers up', `${up} of ${servers.length}`, up < servers.length ? 'mild' : ''),
        tile('live rooms', String(live)),
        tile(
          'of the pool promised',
          `${Math.round(used * 100)} %`,
          used > 0.9 ? 'bad' : used > 0.75 ? 'mild' : '',
        ),
      );
      drawChart(find('chart-endpoints'), this.endpoints, 'Endpoints promised');
      drawChart(find('chart-rooms'), this.liveRooms, 'Live rooms');
      show(
        find('servers'),
        ...servers.map(server =>
          serverCard(server, {
            drain: this.offered('/servers/{server}/drain', () => this.drain(server.id, server.rooms)),
            undrain: this.offered('/servers/{server}/undrain', () => this.undrain(server.id)),
          }),
        ),
      );
      show(find('nodes'), ...nodes.map(nodeCard));
      this.showRooms();
      await this.showSessions();
      find('connection').textContent = `as of ${new Date().toLocaleTimeString()}`;
      find('connection').dataset.state = 'good';
      document.body.dataset.connected = 'yes';
    } catch (problem) {
      this.sayConnection(problem);
    } finally {
      this.isLooking = false;
    }
  }

  private showRooms(): void {
    const filter = find<HTMLInputElement>('room-filter').value;
    const rooms = this.rooms.filter(({ name }) => name.includes(filter));
    const more = rooms.length - shownRooms;
    const move = this.offered('/rooms/{room}/move', (room: string) => this.move(room));
    const close = this.offered('/rooms/{room}/close', (room: string) => this.close(room));
    show(
      find('rooms'),
      roomTable(rooms.slice(0, shownRooms), this.chosen, {
        choose: room => void this.choose(room),
        ...(move && { move }),
        ...(close && { close }),
      }),
      more > 0 && element('p', { class: 'quiet' }, `and ${more} more`),
    );
  }

  private async choose(room: string): Promise<void> {
    this.chosen = room;
    this.showRooms();
    await this.tell(() => this.showSessions());
  }

  private async showSessions(): Promise<void> {
    const room = this.chosen;
    if (room === undefined) return;
    const kick = this.offered('/sessions/{session}/kick', (session: Session) => this.kick(session, room));
    const sessions = await this.api.sessions(room);
    // Another one may have been chosen meanwhile.
    if (room !== this.chosen) return;
    show(
      find('sessions'),
      sessionTable(room, sessions, {
        diagnose: session => void this.diagnose(session),
        ...(kick && { kick }),
      }),
    );
  }

  private async diagnose(session: string): Promise<void> {
    if (!session) return;
    find<HTMLInputElement>('session').value = session;
    show(find('diagnosis'), element('p', { class: 'quiet' }, 'Looking twice, a second apart…'));
    try {
      show(find('diagnosis'), diagnosisView(await this.api.diagnose(session)));
    } catch (problem) {
      show(find('diagnosis'), element('p', { class: 'verdict bad' }, messageOf(problem)));
    }
  }

  private drain = (id: string, rooms: number) =>
    this.order(
      {
        what: `Drain ${id}?`,
        effect:
          rooms === 0
            ? 'It takes no new rooms, and has none.'
            : `It takes no new rooms. ${roomsIn(rooms)} on it ${rooms === 1 ? 'moves to another server while it plays' : 'move to other servers while they play'}; what cannot move within ten minutes is ended.`,
        verb: 'Drain',
      },
      `/servers/${id}/drain`,
      {},
    );
  private undrain = (id: string) =>
    this.order(
      {
        what: `Let ${id} take rooms again?`,
        effect: 'What has moved stays where it is.',
        verb: 'Take rooms again',
      },
      `/servers/${id}/undrain`,
    );
  private move = (room: string) =>
    this.order(
      {
        what: `Move the room ${room}?`,
        effect:
          'Its media is built on another server while the present one plays on. Tutorial pages are told to stop.',
        verb: 'Move',
      },
      `/rooms/${encodeURIComponent(room)}/move`,
      {},
    );
  private close = (room: string) =>
    this.order(
      {
        what: `Close the room ${room}?`,
        effect: 'The broadcast ends for everybody in it.',
        verb: 'Close the room',
      },
      `/rooms/${encodeURIComponent(room)}/close`,
    );
  private kick = async ({ id, role }: Session, room: string) => {
    const effect =
      role === 'presenter'
        ? 'The broadcast ends for everybody in the room.'
        : 'Its client is told why, and may not resume.';
    await this.order(
      { what: `Kick this ${role} out of ${room}?`, effect, verb: 'Kick' },
      `/sessions/${id}/kick`,
    );
  };

  private async order(order: Order, path: string, body?: object): Promise<void> {
    if (!(await confirmOrder(order))) return;
    await this.tell(async () => {
      await this.api.ask('POST', path, body);
      this.say(`${order.verb}: ordered`, 'good');
    });
    await this.look();
  }

  private async tell(work: () => Promise<void>): Promise<void> {
    await work().catch(problem => this.say(messageOf(problem), 'bad'));
  }

  private say(text: string, mood: string): void {
    const outcome = find('outcome');
    Object.assign(outcome, { textContent: text, hidden: false });
    outcome.dataset.state = mood;
  }

  private sayConnection(problem: unknown): void {
    find('connection').textContent = messageOf(problem);
    find('connection').dataset.state = 'bad';
    if (problem instanceof AdminProblem && problem.code === 'unauthenticated') find('token').focus();
  }

  private offered<A>(path: string, act: A): A | undefined {
    return this.api.has('POST', path) ? act : undefined;
  }

  private keep(samples: Sample[], sample: Sample): void {
    samples.push(sample);
    if (samples.length > keptSamples) samples.shift();
  }
}

const messageOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : String(problem);
