import { expect, it } from 'vitest';
import { libraryDependencies } from './debian-depends.js';

it('the libraries of a Depends field, without versions, alternatives and the rest', () => {
  // redis-tools 5:7.0.15-1~deb12u5 with an alternative and an architecture put in.
  const depends =
    'adduser, libc6 (>= 2.34), libhiredis0.14:any (>= 0.14.0), libssl3 (>= 3.0.0) | libssl1.1, lua-cjson (>= 2.1.0), ' +
    'redis-tools (= 5:7.0.15-1~deb12u5)\n';
  expect(libraryDependencies(depends)).toEqual(['libc6', 'libhiredis0.14', 'libssl3', 'lua-cjson']);
  expect(libraryDependencies('\n')).toEqual([]);
});
