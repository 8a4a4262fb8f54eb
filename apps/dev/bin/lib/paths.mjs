import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the clone. */
export const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** Everything that the commands of this folder keep between two runs; ignored by git, safe to delete. */
export const cacheFolder = join(repository, '.cache', 'manycast');
