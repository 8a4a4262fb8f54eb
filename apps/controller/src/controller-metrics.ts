import { Counter, Gauge, type Registry } from '@manycast/runtime';

/** What a controller counts. No room or session is ever a label. */
export class ControllerMetrics {
  readonly nodes: Gauge<'state'>;
  readonly expiries: Counter<'outcome'>;
  readonly repairs: Counter<'kind'>;
  readonly looks: Counter<'outcome'>;
  readonly guardedPipelines: Gauge;
  readonly undoRetries: Counter<'step'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.nodes = new Gauge({
      name: 'manycast_nodes',
      help: 'Signaling nodes by the state of their lease (live or expired)',
      labelNames: ['state'],
      registers,
    });
    this.expiries = new Counter({
      name: 'manycast_expiries_total',
      help: 'Sessions without a socket looked at when they were due, by what became of them',
      labelNames: ['outcome'],
      registers,
    });
    this.repairs = new Counter({
      name: 'manycast_reconcile_repairs_total',
      help: 'Differences between Redis and the media servers that were put right; none while nothing dies',
      labelNames: ['kind'],
      registers,
    });
    this.looks = new Counter({
      name: 'manycast_reconcile_looks_total',
      help: 'Comparisons of Redis with the media servers, by outcome (done, failed)',
      labelNames: ['outcome'],
      registers,
    });
    this.guardedPipelines = new Gauge({
      name: 'manycast_guarded_pipelines',
      help: 'Pipelines this controller holds a reference on',
      registers,
    });
    this.undoRetries = new Counter({
      name: 'manycast_undo_retries_total',
      help: 'Releases that had to be tried again',
      labelNames: ['step'],
      registers,
    });
  }
}
