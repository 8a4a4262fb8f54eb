import { getContainerRuntimeClient } from 'testcontainers';
import { describe } from 'vitest';

/** Why containers cannot be started here, if so. Asked once for each file. */
const obstacle = await getContainerRuntimeClient().then(
  () => undefined,
  (error: Error) => error.message,
);

/** A `describe` that needs a container engine; without one its title says why its cases are skipped. */
export function describeOnEngine(title: string, cases: () => void): void {
  if (obstacle) describe.skip(`${title} (skipped: ${obstacle})`, cases);
  else describe(title, cases);
}
