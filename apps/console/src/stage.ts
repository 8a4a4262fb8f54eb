import type { PageElements } from './page-elements.js';

export interface Stage {
  /** The visitor's own camera: always silent. */
  showOwn(stream: MediaStream): void;
  showBroadcast(stream: MediaStream): void;
  /** The stream is let go; its last picture stays until there is a new one. */
  rest(): void;
}

/** The video element and the buttons on it. `onPicture` is called at the first frame of every stream. */
export function createStage(page: PageElements, onPicture: () => void): Stage {
  const { stage, video, withSound, withSoundText, sound, fullscreen } = page;

  function show(stream: MediaStream, muted: boolean) {
    if (video.srcObject === stream) return;
    video.muted = muted;
    video.srcObject = stream;
    fullscreen.hidden = !canFullscreen(stage, video);
    void play();
  }

  /** Browsers may refuse sound, or even any playback, before the visitor has touched the page. */
  async function play() {
    const wantsSound = !video.muted;
    if (await tryPlay(video)) return offerSound(undefined);
    video.muted = true;
    const playsSilently = await tryPlay(video);
    if (!playsSilently) offerSound('Tap to play');
    else if (wantsSound) offerSound('Tap to play with sound');
  }
  function offerSound(words: string | undefined) {
    withSound.hidden = words === undefined;
    if (words) withSoundText.textContent = words;
  }

  withSound.addEventListener('click', () => {
    // The own camera is the one without a sound button.
    video.muted = sound.hidden === true;
    void play();
  });
  sound.addEventListener('click', () => {
    video.muted = !video.muted;
    if (!video.muted) void play();
  });
  fullscreen.addEventListener('click', () => void toggleFullscreen(stage, video));
  video.addEventListener('volumechange', () => {
    sound.dataset.on = String(!video.muted);
    sound.setAttribute('aria-label', video.muted ? 'Unmute' : 'Mute');
  });
  video.addEventListener('loadeddata', () => {
    stage.dataset.picture = 'true';
    onPicture();
  });

  return {
    showOwn: stream => {
      sound.hidden = true;
      show(stream, true);
    },
    showBroadcast: stream => {
      sound.hidden = false;
      sound.dataset.on = 'true';
      show(stream, false);
    },
    rest: () => {
      keepLastPicture(video);
      video.srcObject = null;
      delete stage.dataset.picture;
      sound.hidden = true;
      fullscreen.hidden = true;
      withSound.hidden = true;
    },
  };
}

const tryPlay = (video: HTMLVideoElement) =>
  video.play().then(
    () => true,
    // AbortError: a newer stream took over, and plays for itself.
    (error: unknown) => !(error instanceof DOMException && error.name === 'NotAllowedError'),
  );

/** Without a stream, and until the first frame of the next one, a video element shows its poster. */
function keepLastPicture(video: HTMLVideoElement) {
  if (video.videoWidth === 0) return;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  video.poster = canvas.toDataURL('image/jpeg', 0.8);
}

/** Phones that cannot enlarge a page's element can still enlarge a video. */
type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

const canFullscreen = (stage: HTMLElement, video: PhoneVideo) =>
  'requestFullscreen' in stage || video.webkitEnterFullscreen !== undefined;

async function toggleFullscreen(stage: HTMLElement, video: PhoneVideo) {
  if (document.fullscreenElement) await document.exitFullscreen();
  else if ('requestFullscreen' in stage) await stage.requestFullscreen();
  else video.webkitEnterFullscreen?.();
}
