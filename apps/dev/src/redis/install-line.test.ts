import { expect, it } from 'vitest';
import { redisInstallLine } from './install-line.js';

it.each([
  ['linux', 'ID=debian\nVERSION_ID="12"', 'apt-get install -y redis-server'],
  ['linux', 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"', 'apt-get install -y redis-server'],
  ['linux', 'ID=fedora', 'dnf install'],
  ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"', 'dnf install'],
  ['linux', 'ID=alpine', 'apk add redis'],
  ['linux', 'ID=arch', 'pacman'],
  ['linux', '', 'docker run'],
  ['darwin', '', 'brew install redis'],
] as const)('on %s with %j it is %s', (platform, osRelease, line) => {
  expect(redisInstallLine(platform, osRelease)).toContain(line);
});
