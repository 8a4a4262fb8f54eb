/** What one run is to do. */
export interface LoadOrder {
  rooms: number;
  /** Of each room. */
  viewers: number;
  nodes: string[];
  /** Real media instead of none. */
  isMedia: boolean;
  /** Joins begun in a second. */
  rate: number;
  /** How long everybody stays after the last join was begun. */
  seconds: number;
  kills: { pid: number; atSecond: number }[];
  report: string;
  token: string | undefined;
  isJson: boolean;
}

export const usage = `npm run load -- --rooms R --viewers V --nodes URL[,URL…] [flags]
  --rooms R        rooms, each with a presenter
  --viewers V      viewers of each room
  --nodes URLS     where nodes, or a load balancer, are: http://localhost:8080,http://localhost:8081
  --media          real WebRTC with packets of a picture and of silence; without it the media end at the answer, which
                   needs media servers that do not mind, such as the embedded ones with MANYCAST_MEDIA=none
  --rate N         joins begun in a second (default 20)
  --seconds N      how long everybody stays after the last join was begun (default 10)
  --kill PID@S     SIGKILL for a process of this machine, S seconds after the first join; again for more. Process ids
                   are in the line of npm start --silent -- --json
  --token TEXT     a join token that is good for all of it
  --report FILE    where the report goes (default load-report.html)
  --json           the figures as one line of JSON on stdout instead of a table
`;

/** Throws an Error that names the flag and what it wants. */
export function readOrder(argv: readonly string[]): LoadOrder {
  const rest = [...argv];
  const given = new Map<string, string>();
  const kills: LoadOrder['kills'] = [];
  const valued = ['--rooms', '--viewers', '--nodes', '--rate', '--seconds', '--report', '--token'];
  const flags = new Set<string>();
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--media' || word === '--json') flags.add(word);
    else if (word === '--kill') kills.push(readKill(rest.shift()));
    else if (valued.includes(word)) given.set(word, rest.shift() ?? '');
    else throw new Error(`unknown flag ${word}`);
  }
  const number = (flag: string, fallback: number | undefined, least: number, most: number) => {
    const text = given.get(flag);
    if (text === undefined && fallback !== undefined) return fallback;
    const value = Number(text);
    if (!/^\d+$/.test(text ?? '') || value < least || value > most)
      throw new Error(`${flag} needs a whole number from ${least} to ${most}`);
    return value;
  };
  const nodes = (given.get('--nodes') ?? '').split(',').filter(Boolean);
  if (nodes.length === 0 || nodes.some(url => !/^(https?|wss?):\/\/./.test(url)))
    throw new Error('--nodes needs addresses such as http://localhost:8080,http://localhost:8081');
  return {
    rooms: number('--rooms', undefined, 1, 100_000),
    viewers: number('--viewers', undefined, 0, 100_000),
    nodes,
    isMedia: flags.has('--media'),
    rate: number('--rate', 20, 1, 10_000),
    seconds: number('--seconds', 10, 1, 86_400),
    kills,
    report: given.get('--report') ?? 'load-report.html',
    token: given.get('--token'),
    isJson: flags.has('--json'),
  };
}

function readKill(text: string | undefined): LoadOrder['kills'][number] {
  const [, pid, atSecond] = /^(\d{1,7})@(\d{1,5})$/.exec(text ?? '') ?? [];
  if (!pid || Number(pid) < 2) throw new Error('--kill needs a process id and a second: 4711@5');
  return { pid: Number(pid), atSecond: Number(atSecond) };
}
