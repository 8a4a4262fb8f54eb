import { GenericContainer } from 'testcontainers';

/** A container with no more rights than compose and Kubernetes give it: nothing may be written, nothing gained. */
export class LockedContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges');
  }

  protected override async beforeContainerCreated(): Promise<void> {
    this.hostConfig.ReadonlyRootfs = true;
  }
}
