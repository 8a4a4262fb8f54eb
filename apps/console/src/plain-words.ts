// Long because it is one table: every problem of the page and of the protocol, in a visitor’s words.
import type { Problem, ProblemCode } from './problem.js';

/** What a button beside the words does. */
export type Remedy = 'try-again' | 'watch-instead' | 'none';

export interface PlainWords {
  what: string;
  /** What the visitor can do. */
  advice: string;
  remedy: Remedy;
}

const ourFault = 'This is a fault of the page or the server, not yours. Reload the page and try again.';
const busy = 'Try again in a moment.';
const badLink: PlainWords = {
  what: 'Your link cannot be used here.',
  advice: 'Open it exactly as you were given it, or ask for a new one.',
  remedy: 'none',
};
const oldLink: PlainWords = { what: 'Your link has expired.', advice: 'Ask for a new one.', remedy: 'none' };

/** Every problem in the visitor's words. Adding an error code to the protocol without words here fails the build. */
const table: Record<ProblemCode, PlainWords> = {
  // this computer
  'insecure-context': {
    what: 'This page may not use the camera here.',
    advice:
      'Browsers give a camera only to pages opened over https:// or on localhost. Open the page that way.',
    remedy: 'none',
  },
  'camera-denied': {
    what: 'The camera and microphone are not allowed.',
    advice: 'Allow them beside the address or in your system’s settings, then try again.',
    remedy: 'try-again',
  },
  'no-camera': {
    what: 'No camera was found.',
    advice: 'Plug one in or switch it on, then try again. You can watch without one.',
    remedy: 'try-again',
  },
  'camera-busy': {
    what: 'The camera is busy.',
    advice: 'Another program or tab is using it. Close that one, then try again.',
    remedy: 'try-again',
  },
  'camera-lost': {
    what: 'The camera was disconnected, so the broadcast stopped.',
    advice: 'Plug it in again and go live once more.',
    remedy: 'try-again',
  },
  'no-webrtc': {
    what: 'This browser cannot show live video.',
    advice: 'Use a recent Chrome, Edge, Firefox or Safari.',
    remedy: 'none',
  },
  // the way to the server
  'bad-node-address': {
    what: 'The node in this page’s address cannot be read.',
    advice: 'Write it as ?node=ws://host:port, or leave it out.',
    remedy: 'none',
  },
  'insecure-node': {
    what: 'The browser refuses to connect to this node.',
    advice: 'A page opened over https:// may only use nodes at wss:// addresses.',
    remedy: 'none',
  },
  'server-unreachable': {
    what: 'The server does not answer.',
    advice: 'Check your network, and that the server is running, then try again.',
    remedy: 'try-again',
  },
  'server-lost-on-air': {
    what: 'The connection to the server was lost.',
    advice: 'The video goes on, and this page reconnects by itself. If it takes long, check your network.',
    remedy: 'none',
  },
  superseded: {
    what: 'This broadcast goes on in another place.',
    advice: 'The server closed this connection in favour of a newer one.',
    remedy: 'try-again',
  },
  'server-refuses': {
    what: 'The server closed the connection.',
    advice: ourFault,
    remedy: 'try-again',
  },
  'no-answer': {
    what: 'The server took too long to answer.',
    advice: busy,
    remedy: 'try-again',
  },
  'bad-answer': {
    what: 'This browser cannot use the server’s answer.',
    advice: 'Try again, or use another browser.',
    remedy: 'try-again',
  },
  'ice-failed': {
    what: 'Video cannot get through between you and the media server.',
    advice: 'A firewall or VPN may block it (UDP). Try another network.',
    remedy: 'try-again',
  },
  'media-lost': {
    what: 'The video connection broke.',
    advice: 'Your network changed or the media server went away. Try again.',
    remedy: 'try-again',
  },
  // the room
  'presenter-exists': {
    what: 'Somebody is live in this room already.',
    advice: 'Watch them, or choose another room. If it was you a moment ago, try again in a few seconds.',
    remedy: 'watch-instead',
  },
  'no-presenter': {
    what: 'Nobody is live in this room yet.',
    advice: 'Leave this page open: it starts to play by itself when somebody goes live.',
    remedy: 'none',
  },
  // what becomes of a page that was away for too long
  'bad-token': { what: 'The server does not know this page any more.', advice: busy, remedy: 'try-again' },
  'session-unknown': {
    what: 'You were away for too long, and the server has closed your place.',
    advice: 'Try again to come back.',
    remedy: 'try-again',
  },
  fenced: { what: 'This page was connected twice.', advice: busy, remedy: 'try-again' },
  // the cluster
  'pool-full': {
    what: 'Every media server is full.',
    advice: 'Try again when somebody has left.',
    remedy: 'try-again',
  },
  'media-full': {
    what: 'This room is full.',
    advice: 'Try again when somebody has left.',
    remedy: 'try-again',
  },
  'media-unavailable': {
    what: 'The media server does not answer.',
    advice: busy,
    remedy: 'try-again',
  },
  'media-gone': {
    what: 'The media server dropped this video.',
    advice: 'It may have been restarted. Try again.',
    remedy: 'try-again',
  },
  unavailable: {
    what: 'The service is not available right now.',
    advice: busy,
    remedy: 'try-again',
  },
  'node-full': {
    what: 'This server is full.',
    advice: 'Try again in a moment, or use another node.',
    remedy: 'try-again',
  },
  draining: {
    what: 'This server is being shut down.',
    advice: 'Try again to be connected to another one.',
    remedy: 'try-again',
  },
  overloaded: {
    what: 'This server has too much to do.',
    advice: 'Try again in a moment, or use another node.',
    remedy: 'try-again',
  },
  'too-many-messages': { what: 'This page asked too much at once.', advice: busy, remedy: 'try-again' },
  'too-many-joins': {
    what: 'Too many people joined from your network at once.',
    advice: busy,
    remedy: 'try-again',
  },
  'too-many-sessions': {
    what: 'You are already here as often as you may be.',
    advice: 'Close other tabs or devices, then try again.',
    remedy: 'try-again',
  },
  'too-many-rooms': {
    what: 'You are live in as many rooms as you may be.',
    advice: 'End another broadcast first.',
    remedy: 'try-again',
  },
  internal: {
    what: 'Something went wrong on the server.',
    advice: busy,
    remedy: 'try-again',
  },
  // who may come in
  kicked: {
    what: 'You were taken out of the room.',
    advice: 'Whoever runs the room has ended your session.',
    remedy: 'none',
  },
  'room-closed': {
    what: 'The room was closed.',
    advice: 'Whoever runs it has ended the broadcast.',
    remedy: 'none',
  },
  'token-missing': {
    what: 'This room is not open to everybody.',
    advice: 'Use the link that you were invited with, or ask for one.',
    remedy: 'none',
  },
  'token-malformed': badLink,
  'token-algorithm': badLink,
  'token-key-unknown': oldLink,
  'token-signature': badLink,
  'token-foreign': badLink,
  'token-too-early': {
    what: 'Your link is not valid yet.',
    advice: 'Come back when it begins. If it should have begun, check the clock of this computer.',
    remedy: 'try-again',
  },
  'token-expired': oldLink,
  'token-revoked': {
    what: 'Your link has been taken back.',
    advice: 'Ask whoever invited you.',
    remedy: 'none',
  },
  'token-used': {
    what: 'Your link was good for one time and has been used.',
    advice: 'If it was not you who used it, tell whoever invited you.',
    remedy: 'none',
  },
  'token-room': {
    what: 'Your link is for another room.',
    advice: 'Open the link as you were given it.',
    remedy: 'none',
  },
  'token-role': {
    what: 'Your link does not allow this.',
    advice: 'A viewer’s link cannot go live, and a presenter’s may not watch.',
    remedy: 'none',
  },
  'no-token': {
    what: 'You could not be signed in to this room.',
    advice: busy,
    remedy: 'try-again',
  },
  'token-keys-unavailable': {
    what: 'Your link cannot be checked right now.',
    advice: busy,
    remedy: 'try-again',
  },
  // what the room says
  banned: {
    what: 'A moderator has banned you from this room.',
    advice: 'You can visit other rooms.',
    remedy: 'none',
  },
  'room-full': {
    what: 'This room is full.',
    advice: 'Try again when somebody has left.',
    remedy: 'try-again',
  },
  'room-not-open': {
    what: 'This room is not open yet.',
    advice: 'Come back when it begins.',
    remedy: 'try-again',
  },
  'not-in-room': { what: 'You are not in the room.', advice: 'Join it first.', remedy: 'none' },
  'chat-closed': { what: 'The chat is closed.', advice: 'It opens with the next broadcast.', remedy: 'none' },
  'chat-unknown': {
    what: 'This part of the chat is not kept any more.',
    advice: 'Newer messages are still there.',
    remedy: 'none',
  },
  'not-allowed': {
    what: 'You may not do that here.',
    advice: 'Ask a moderator of the room.',
    remedy: 'none',
  },
  'not-found': { what: 'That is not there any more.', advice: 'It may have been removed.', remedy: 'none' },
  muted: { what: 'A moderator has muted you.', advice: 'You can go on watching.', remedy: 'none' },
  'too-fast': {
    what: 'That was too fast.',
    advice: 'Wait a moment before the next message.',
    remedy: 'none',
  },
  // what this page should never have sent
  'bad-sdp': {
    what: 'The media server cannot read what this browser offers.',
    advice: 'Try again, or use another browser.',
    remedy: 'try-again',
  },
  'too-large': { what: 'The server found the request too large.', advice: ourFault, remedy: 'try-again' },
  'invalid-json': { what: 'The server could not read the request.', advice: ourFault, remedy: 'try-again' },
  'invalid-message': {
    what: 'The server could not read the request.',
    advice: ourFault,
    remedy: 'try-again',
  },
  'unknown-message': { what: 'The server does not know the request.', advice: ourFault, remedy: 'try-again' },
  'binary-frame': { what: 'The server could not read the request.', advice: ourFault, remedy: 'try-again' },
  'out-of-order': { what: 'The server did not expect the request.', advice: ourFault, remedy: 'try-again' },
  'too-many-candidates': {
    what: 'This computer has more network addresses than the server accepts.',
    advice: 'Switch off a VPN or virtual network, then try again.',
    remedy: 'try-again',
  },
  'bad-candidate': {
    what: 'The media server cannot read one of this computer’s network addresses.',
    advice: ourFault,
    remedy: 'try-again',
  },
};

export function inPlainWords(problem: Problem): PlainWords {
  const words = Object.hasOwn(table, problem.code)
    ? table[problem.code as ProblemCode]
    : unknownProblem(problem);
  return problem.retryAfterMs === undefined || words.remedy !== 'try-again'
    ? words
    : { ...words, advice: `${words.advice} The server suggests to wait ${inSeconds(problem.retryAfterMs)}.` };
}

function unknownProblem(problem: Problem): PlainWords {
  const said = problem.message?.trim();
  return {
    what: said ? `The server says: ${said}` : 'Something went wrong.',
    advice: busy,
    remedy: 'try-again',
  };
}

function inSeconds(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds === 1 ? 'a second' : `${seconds} seconds`;
}
