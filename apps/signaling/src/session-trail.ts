import type { Attachment, EndpointEvent, JournalEvent, Role, SessionJournal } from '@manycast/core';

/** Notes what happens to one session while it is attached here, for the operator's question why. */
export class SessionTrail {
  constructor(
    private readonly journal: SessionJournal,
    private readonly role: Role,
    private readonly attachment: Attachment,
    readonly trace: string,
  ) {}

  note(what: JournalEvent, detail?: Record<string, string | number | boolean>): void {
    const { room, session, node } = this.attachment;
    const { role, trace } = this;
    this.journal.note(session, {
      atMs: Date.now(),
      what,
      node,
      room,
      role,
      trace,
      ...(detail && { detail }),
    });
  }

  onEndpointEvent(event: EndpointEvent): void {
    switch (event.type) {
      case 'connection-state':
        return this.note(event.state);
      case 'media-flow': {
        // As Kurento has it: out of the presenter's endpoint into the pipeline, from there into the viewer's.
        if (event.direction !== (this.role === 'presenter' ? 'out' : 'in') || event.media === 'data') return;
        return this.note(event.isFlowing ? 'media-flowing' : 'media-stopped', { media: event.media });
      }
      case 'candidate-found':
      case 'gathering-done':
      case 'media-state':
    }
  }
}
