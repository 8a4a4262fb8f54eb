// Preloaded by a process that is to reach a host elsewhere than others do: `--import own-names.mjs?name=address`.
import dns from 'node:dns';

const own = new Map(new URL(import.meta.url).searchParams);
const { lookup } = dns;

dns.lookup = (name, options, done = options) => {
  const address = own.get(name);
  if (address === undefined) return lookup(name, options, done);
  const isAll = typeof options === 'object' && options.all;
  process.nextTick(() => (isAll ? done(null, [{ address, family: 4 }]) : done(null, address, 4)));
};
