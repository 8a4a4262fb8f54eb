import { startBroadcast } from './broadcast.js';
import { readPageAddress } from './page-address.js';
import { pageElements } from './page-elements.js';
import { startRoomPage } from './room-page.js';
import { startWatch } from './watch.js';

startRoomPage(pageElements(document), readPageAddress(location.href), {
  presenter: startBroadcast,
  viewer: startWatch,
});
