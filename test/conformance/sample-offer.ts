/** A sender's offer whose peer never shows up: for cases that end at the answer. */
export const OFFER = sdp(`
v=0
o=rtc 3254717214 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE audio video
a=msid-semantic:WMS *
a=ice-options:trickle
a=fingerprint:sha-256 BE:10:DC:7F:F7:99:EF:3B:42:FC:A8:BF:28:58:F2:42:C9:A4:D2:71:14:DC:B0:5A:40:8D:6B:F4:DD:CE:2F:67
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:audio
a=sendonly
a=ssrc:11 cname:peer
a=ssrc:11 msid:stream audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=setup:actpass
a=ice-ufrag:zud5
a=ice-pwd:JTaq1oYcck1WPUvjaOzw+7
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:video
a=sendonly
a=ssrc:12 cname:peer
a=ssrc:12 msid:stream video
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=setup:actpass
a=ice-ufrag:zud5
a=ice-pwd:JTaq1oYcck1WPUvjaOzw+7
`);

/** The same from a browser that would send three sizes of its picture. */
export const SIMULCAST_OFFER = OFFER.replace(/a=ssrc:12 .*\r\n/g, '').replace(
  'a=rtpmap:96',
  'a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\na=simulcast:send h;m;l\r\na=rtpmap:96',
);

function sdp(lines: string): string {
  return `${lines.trim().replaceAll('\n', '\r\n')}\r\n`;
}
