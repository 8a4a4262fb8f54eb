import { GenericContainer, getContainerRuntimeClient, ImageName } from 'testcontainers';
import { repositoryRoot } from '../support/built-app.js';

/** Images come from a registry that not everybody can reach: each can be named by the environment of the run. */
const given = process.env;

export const redisImage = given.REDIS_IMAGE || 'redis:7';
export const haproxyImage = given.HAPROXY_IMAGE || 'haproxy:2.8';

export interface AppImage {
  name: string;
  sizeMb: number;
  /** Of NODE_IMAGE, when the image was built here. */
  baseSizeMb: number | undefined;
}

const prebuilt = {
  signaling: given.SIGNALING_IMAGE,
  controller: given.CONTROLLER_IMAGE,
  'embedded-media': given.EMBEDDED_MEDIA_IMAGE,
};

/**
 * Builds an app's image from the clone, as a user would, unless one is named. The image stays, so that the next build
 * finds its layers. A failed build is explained by DEBUG=testcontainers:build.
 */
export async function appImage(app: keyof typeof prebuilt): Promise<AppImage> {
  const named = prebuilt[app];
  if (named) return { name: named, sizeMb: await sizeMb(named), baseSizeMb: undefined };
  const base = given.NODE_IMAGE || 'node:20-bookworm-slim';
  const name = `manycast/${app}:test`;
  await GenericContainer.fromDockerfile(repositoryRoot, `infra/${app}.Dockerfile`)
    .withBuildArgs({ NODE_IMAGE: base })
    .build(name, { deleteOnExit: false });
  return { name, sizeMb: await sizeMb(name), baseSizeMb: await sizeMb(base) };
}

/** Why an image cannot be had, if so. */
export async function imageObstacle(image: string): Promise<string | undefined> {
  const client = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  if (await client.image.exists(name)) return undefined;
  return client.image.pull(name).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

async function sizeMb(image: string): Promise<number> {
  const client = await getContainerRuntimeClient();
  const { Size } = await client.image.inspect(ImageName.fromString(image));
  return Math.round(Size / 1e6);
}
