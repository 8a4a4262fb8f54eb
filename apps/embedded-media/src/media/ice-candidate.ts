import { isIP } from 'node:net';
import { CandidateError } from './media-errors.js';

/** RFC 8839 5.1: foundation, component, transport, priority, address, port, "typ", type. */
const FORM = /^(?:a=)?(?:candidate:)?(\S+) (\d+) (\S+) (\d+) (\S+) (\d+) typ (\S+)/i;

/**
 * The candidate as ICE here can use it, or undefined when it is honest but of no use: the end of
 * candidates, TCP, the RTCP component, and names. Names are not looked up: `.local` ones (RFC 8828)
 * mean nothing outside the browser's own network, and no peer should make this server resolve others.
 * A browser that sends nothing else is found by its own connectivity checks (peer-reflexive).
 */
export function usableCandidate(candidate: string): string | undefined {
  const trimmed = candidate.trim();
  if (trimmed === '' || trimmed === 'a=end-of-candidates') return undefined;
  const match = FORM.exec(trimmed);
  if (!match) throw new CandidateError('not an ICE candidate');
  const [, , component, transport = '', , address = '', port] = match;
  if (component !== '1' || transport.toLowerCase() !== 'udp') return undefined;
  if (isIP(address) === 0 || !isPort(Number(port))) return undefined;
  return trimmed.replace(/^a=/, '');
}

function isPort(port: number): boolean {
  return port > 0 && port <= 0xffff;
}
