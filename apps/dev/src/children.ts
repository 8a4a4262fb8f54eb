import { Child, type Order, type Role } from './child.js';
import { GuardianLink } from './guardian-link.js';

/** Nodes first, so that they can still tell their clients and Redis; what they need goes after them. */
const stopOrder: readonly Role[] = ['node', 'controller', 'media', 'redis'];
/** How long a process may take to end after SIGTERM before it is killed: more than a node gives itself. */
const stopDeadlineMs = 12_000;

/** Every process of one cluster: whatever was started through here is ended by `stop`, or else by the guardian. */
export class Children {
  readonly #children: Child[] = [];
  readonly #guardian: GuardianLink;
  /** From here on their ends are no news. */
  isStopping = false;

  constructor(runFolder: string) {
    this.#guardian = new GuardianLink(runFolder);
  }

  get guardianPid(): number | undefined {
    return this.#guardian.pid;
  }

  start(order: Order): Child {
    const child = new Child(order);
    this.#children.push(child);
    const { pid } = child;
    if (pid !== undefined) {
      this.#guardian.watch(pid);
      void child.exited.then(() => this.#guardian.forget(pid));
    }
    return child;
  }

  living(role: Role): Child[] {
    return this.#children.filter(child => child.role === role && !child.exit);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    for (const role of stopOrder) await Promise.all(this.living(role).map(end));
    await this.#guardian.release();
  }

  /** For the impatient: everything at once, now. */
  kill(): void {
    for (const child of this.#children) child.signal('SIGKILL');
  }
}

async function end(child: Child): Promise<void> {
  child.signal('SIGTERM');
  const late = setTimeout(() => child.signal('SIGKILL'), stopDeadlineMs);
  await child.exited;
  clearTimeout(late);
}
