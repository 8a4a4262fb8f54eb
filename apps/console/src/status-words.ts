import type { PageState } from './page-state.js';

/** One short sentence for what is going on; a screen reader speaks it at every change. */
export function statusWords(state: PageState): string {
  switch (state.name) {
    case 'idle':
      return 'Ready to go live or to watch.';
    case 'connecting':
      return connectingWords[state.step][state.role];
    case 'waiting':
      return 'Waiting for a presenter…';
    case 'live':
      if (!state.isFlowing) return 'Your connection is weak. Trying to keep the broadcast running…';
      return state.hasSound ? 'You are live.' : 'You are live, without sound: no microphone was found.';
    case 'watching':
      if (!state.isFlowing) return 'Nothing arrives at the moment. Trying to get the picture back…';
      return state.hasPicture ? 'Watching live.' : 'Connected, waiting for a picture…';
    case 'ended':
      return endedWords[state.by][state.role];
    case 'failed':
      return state.role === 'presenter' ? 'You are not live.' : 'Not watching.';
  }
}

const connectingWords = {
  camera: { presenter: 'Waiting for your camera. Allow it if the browser asks.', viewer: '' },
  server: { presenter: 'Connecting to the server…', viewer: 'Connecting to the server…' },
  media: { presenter: 'Connecting your video…', viewer: 'Connecting to the broadcast…' },
} as const;

const endedWords = {
  visitor: { presenter: 'Your broadcast has ended.', viewer: 'You stopped watching.' },
  server: { presenter: 'The server ended your broadcast.', viewer: 'The broadcast has ended.' },
} as const;
