import { AdminApi } from './admin-api.js';
import { OperatorPage } from './operator-page.js';

new OperatorPage(new AdminApi()).start();
