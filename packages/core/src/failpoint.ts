/** The steps of the hot paths, in their order: where a process may die. */
export const steps = [
  'presenter:claimed',
  'presenter:reserved',
  'presenter:published',
  'presenter:live',
  'viewer:joined',
  'viewer:viewed',
  'viewer:confirmed',
  'resume:attached',
  'resume:adopted',
  'leave:left',
  'detach:detached',
  'detach:scheduled',
  'reap:detached',
  'reap:scheduled',
  'expiry:expired',
  'drain:told',
] as const;

/** Those of a turn at a lane, where a controller tells the receiver of a webhook. */
export const webhookSteps = [
  'webhook:taken',
  'webhook:posted',
  'webhook:buried',
  'webhook:failed',
  'webhook:advanced',
] as const;

/** The steps by which a room goes elsewhere, or is built anew, in their order. */
export const relocationSteps = [
  'relocation:lost',
  'relocation:placed',
  'relocation:told',
  'relocation:left',
] as const;

export type Step = (typeof steps)[number] | (typeof webhookSteps)[number] | (typeof relocationSteps)[number];

export type Failpoint = (step: Step) => Promise<void>;

export const noFailpoint: Failpoint = async () => {};
