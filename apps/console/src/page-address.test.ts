import { defaultRoom, RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { defaultRoomName, isRoomName, readPageAddress, viewerLink, withRoom } from './page-address.js';

describe('the page’s address', () => {
  it('names the default room where it names none', () => {
    expect(readPageAddress('http://localhost:8080/').room).toBe(defaultRoom);
    expect(readPageAddress('http://localhost:8080/?room=').room).toBe(defaultRoomName);
    expect(readPageAddress('http://localhost:8080/?room=%20%20').room).toBe('default');
  });

  it('keeps a room’s name as it was written, right or wrong', () => {
    expect(readPageAddress('http://h/?room=demo.1').room).toBe('demo.1');
    expect(readPageAddress('http://h/?room=two%20words').room).toBe('two words');
  });

  it.each([
    ['viewer', 'viewer'],
    ['presenter', 'presenter'],
    ['admin', undefined],
    ['', undefined],
  ])('reads role=%s as %s', (written, role) => {
    expect(readPageAddress(`http://h/?role=${written}`).role).toBe(role);
  });

  it.each([
    ['http://localhost:8080/?room=a#x', 'ws://localhost:8080/one2many'],
    ['http://localhost:8080/index.html', 'ws://localhost:8080/one2many'],
    ['https://example.org/', 'wss://example.org/one2many'],
    ['https://example.org/stage/', 'wss://example.org/stage/one2many'],
    ['http://a/?node=ws://b:8081', 'ws://b:8081/one2many'],
    ['http://a/?node=ws://b:8081/', 'ws://b:8081/one2many'],
    ['http://a/?node=wss://b', 'wss://b/one2many'],
    ['http://a/?node=https://b/prefix', 'wss://b/prefix/one2many'],
    ['http://a/?node=', 'ws://a/one2many'],
  ])('%s speaks to %s', (page, serverUrl) => {
    expect(readPageAddress(page).serverUrl).toBe(serverUrl);
  });

  it.each(['nonsense', 'b:8081', 'ftp://b', 'javascript:alert(1)', 'ws://'])('refuses node=%s', node => {
    expect(readPageAddress(`http://a/?node=${encodeURIComponent(node)}`).serverUrl).toBeUndefined();
  });

  it('changes the room and leaves the rest', () => {
    expect(withRoom('http://a/?node=ws://b&room=old', 'new')).toBe('http://a/?node=ws%3A%2F%2Fb&room=new');
    expect(viewerLink('http://a/?role=presenter', 'new')).toBe('http://a/?role=viewer&room=new');
  });

  it('brings a join token, which is not handed on to the audience', () => {
    expect(readPageAddress('http://a/?token=a.b.c').token).toBe('a.b.c');
    expect(readPageAddress('http://a/?token=old#token=a.b.c').token).toBe('a.b.c');
    expect(readPageAddress('http://a/?room=x').token).toBeUndefined();
    expect(viewerLink('http://a/?token=a.b.c#token=d.e.f', 'x')).toBe('http://a/?room=x&role=viewer');
  });
});

describe('a room’s name', () => {
  it.each(['a', 'A-1', 'x'.repeat(64), 'x'.repeat(65), '', '-a', '.a', 'a b', 'a/b', 'ü', 'a_b.c-d', 'a\n'])(
    'is judged as the server judges it: %j',
    name => {
      expect(isRoomName(name)).toBe(RoomName.safeParse(name).success);
    },
  );
});
