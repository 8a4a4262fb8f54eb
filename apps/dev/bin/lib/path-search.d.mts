export function findOnPath(name: string, path: string | undefined): string | undefined;
