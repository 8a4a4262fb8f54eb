// A page that behaves as the official one2many pages do, on the official kurento-utils: one socket opened at load, no
// reconnection, no room, `dispose` on rejection and on stopCommunication. It throws where they throw.
import kurentoUtils from 'kurento-utils';

const { WebRtcPeerSendonly, WebRtcPeerRecvonly } = kurentoUtils.WebRtcPeer;
const query = new URLSearchParams(location.search);
const socket = new WebSocket(query.get('socket'));
const video = document.getElementById('video');
const log = document.getElementById('log');
let peer = null;

const send = message => socket.send(JSON.stringify(message));
const note = text => {
  log.textContent += `${text}\n`;
};

function dispose() {
  peer?.dispose();
  peer = null;
}

function answered(message) {
  if (message.response === 'accepted') {
    note('accepted');
    return peer.processAnswer(message.sdpAnswer);
  }
  note(`rejected: ${message.message || 'Unknow error'}`);
  dispose();
}

socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  switch (message.id) {
    case 'presenterResponse':
    case 'viewerResponse':
      return answered(message);
    case 'stopCommunication':
      note('stopCommunication');
      return dispose();
    case 'iceCandidate':
      return peer.addIceCandidate(message.candidate);
    default:
      note(`unrecognized ${message.id}`);
  }
};

function start(Peer, id, media) {
  if (peer) return;
  const onicecandidate = candidate => send({ id: 'onIceCandidate', candidate });
  peer = Peer({ ...media, onicecandidate }, function (error) {
    if (error) return note(String(error));
    this.generateOffer((offerError, sdpOffer) =>
      offerError ? note(String(offerError)) : send({ id, sdpOffer }),
    );
  });
}

document.getElementById('call').onclick = () => start(WebRtcPeerSendonly, 'presenter', { localVideo: video });
document.getElementById('viewer').onclick = () => start(WebRtcPeerRecvonly, 'viewer', { remoteVideo: video });
document.getElementById('terminate').onclick = () => {
  if (!peer) return;
  send({ id: 'stop' });
  dispose();
};
