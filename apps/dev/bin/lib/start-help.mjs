export const startHelp = `npm start -- [flags]     a whole Manycast cluster on this machine

  --nodes N            signaling nodes (default 2)
  --controllers N      controllers, which end what nobody came back for (default 1; without any, nothing expires)
  --media-servers N    embedded media servers (default 2)
  --kms URL[,URL…]     real Kurento Media Servers instead, e.g. ws://10.0.0.5:8888/kurento
  --port BASE          the nodes listen on BASE, BASE+1, … (default 8080)
  --json               when ready, one line of JSON with every address and process id on stdout
                       (use npm start --silent -- --json, or npm's own two lines come first)
  --help               this text

Environment
  REDIS_URL            the Redis to use, e.g. redis://10.0.0.6:6379. Without it: redis-server or valkey-server
                       from PATH, else Debian's package unpacked into the cache folder; private, in memory only
  MANYCAST_*           settings of the apps are handed on to those that know them, such as MANYCAST_LOG_LEVEL to all
                       and MANYCAST_COLLECTOR_PERIOD_MS to the embedded media servers; names that nobody knows
                       go to the nodes, which refuse them. Addresses, ports and identities are given by the flags
                       above. The admin API is open to this machine unless
                       MANYCAST_ADMIN_TOKENS_FILE names tokens. MANYCAST_TOKEN_SECRET is new at every start unless given.
                       Whoever reaches the nodes may come in, unless MANYCAST_JOIN_… names keys of join tokens

Everything it keeps is in .cache/manycast. Ctrl-C (SIGINT) or SIGTERM stops everything.
Exit codes: 0 stopped by a signal, 64 wrong flag or value, 69 something needed does not answer or is taken,
70 a part of the cluster failed, 130/143 stopped by SIGINT/SIGTERM before it was ready.
`;
