import { expect, it } from 'vitest';
import { usableCandidate } from './ice-candidate.js';
import { CandidateError } from './media-errors.js';

const host = 'candidate:1 1 UDP 2114977791 192.0.2.7 35014 typ host';

it('passes addresses on', () => {
  expect(usableCandidate(host)).toBe(host);
  expect(usableCandidate(`a=${host}\r\n`)).toBe(host);
  expect(
    usableCandidate('candidate:2 1 udp 1 2001:db8::1 9 typ srflx raddr 0.0.0.0 rport 0 ufrag x'),
  ).toBeDefined();
});

it.each([
  ['the end of candidates', ''],
  ['an mDNS name', 'candidate:1 1 udp 2113937151 0f7c4a2e-6a6c-4a4e-9a07-1f4e6a2b0c11.local 53211 typ host'],
  ['any other name', 'candidate:1 1 udp 2113937151 example.org 53211 typ host'],
  ['TCP', 'candidate:1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active'],
  ['a port that is none', 'candidate:1 1 udp 1 192.0.2.7 70000 typ host'],
  ['the RTCP component', 'candidate:1 2 udp 1 192.0.2.7 9 typ host'],
])('passes over %s', (_, candidate) => {
  expect(usableCandidate(candidate)).toBeUndefined();
});

it.each(['nonsense', 'candidate:1 1 udp', '{}', 'candidate:a b c d e f typ g'])('refuses %s', candidate => {
  expect(() => usableCandidate(candidate)).toThrow(CandidateError);
});
