import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @param {string} name
 * @param {string | undefined} path the variable PATH
 * @returns {string | undefined} the first file of that name that can be run
 */
export function findOnPath(name, path = '') {
  const folders = path.split(delimiter).filter(folder => folder !== '');
  return folders.map(folder => join(folder, name)).find(canRun);
}

function canRun(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
