export function missingPackages(needs: string[], present: ReadonlySet<string>): string[];
export function sudoLine(packages: string[]): string;
export const wishes: ReadonlySet<string>;
