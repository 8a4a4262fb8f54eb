/** What to type on this system to get a Redis server. `osRelease` is the text of /etc/os-release. */
export function redisInstallLine(platform: NodeJS.Platform, osRelease: string): string {
  if (platform === 'darwin') return 'brew install redis';
  const families = /^ID(?:_LIKE)?=.*$/gm;
  const names = (osRelease.match(families) ?? []).join(' ');
  if (/debian|ubuntu/.test(names)) return 'sudo apt-get update && sudo apt-get install -y redis-server';
  if (/fedora|rhel|centos/.test(names)) return 'sudo dnf install -y redis';
  if (/alpine/.test(names)) return 'sudo apk add redis';
  if (/arch/.test(names)) return 'sudo pacman -S --noconfirm valkey';
  if (/suse/.test(names)) return 'sudo zypper install -y redis';
  return 'docker run -d -p 6379:6379 redis:7';
}
