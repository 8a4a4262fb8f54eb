// One hostile client, in a process of its own: opens sockets and offers on them as fast as it can until it is killed.
// Arguments: WebSocket address, the address it claims to have, an offer.
import { WebSocket } from 'ws';

const [url, address, sdpOffer] = process.argv.slice(2);
const options = { headers: { 'X-Forwarded-For': address } };
const counts = { sockets: 0, refused: 0, joins: 0 };

function open() {
  const ws = new WebSocket(url, options);
  counts.sockets += 1;
  const offer = () => {
    counts.joins += 1;
    ws.send(JSON.stringify({ id: 'viewer', room: 'stage', sdpOffer }));
  };
  ws.on('open', offer);
  ws.on('message', () => setTimeout(offer, 5));
  ws.on('error', () => {
    counts.refused += 1;
  });
  ws.on('close', () => setTimeout(open, 10));
}
for (let sockets = 0; sockets < 400; sockets += 1) open();
setInterval(() => process.stdout.write(`${JSON.stringify(counts)}\n`), 500);
