/**
 * The libraries in a `Depends` field of a Debian package, first alternatives only. The rest of the field (adduser,
 * init scripts) serves an installation; a program that is merely unpacked needs its libraries.
 */
export function libraryDependencies(depends: string): string[] {
  return depends
    .split(',')
    .map(
      alternatives =>
        alternatives
          .split('|')[0]
          ?.trim()
          .split(/[\s:(]/)[0] ?? '',
    )
    .filter(name => /^(lib|lua-)/.test(name));
}
