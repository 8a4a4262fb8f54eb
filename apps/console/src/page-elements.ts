/** Every element that index.html promises; a missing one is a broken build and throws at once. */
export function pageElements(root: Document) {
  const find = <E extends HTMLElement>(id: string, kind: new () => E): E => {
    const element = root.getElementById(id);
    if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
    return element;
  };
  return {
    roomForm: find('room-form', HTMLFormElement),
    roomName: find('room-name', HTMLInputElement),
    roomHint: find('room-hint', HTMLElement),
    stage: find('stage', HTMLElement),
    video: find('video', HTMLVideoElement),
    withSound: find('with-sound', HTMLButtonElement),
    withSoundText: find('with-sound-text', HTMLElement),
    sound: find('sound', HTMLButtonElement),
    fullscreen: find('fullscreen', HTMLButtonElement),
    status: find('status', HTMLElement),
    stats: find('stats', HTMLElement),
    problem: find('problem', HTMLElement),
    problemWhat: find('problem-what', HTMLElement),
    problemAdvice: find('problem-advice', HTMLElement),
    remedy: find('remedy', HTMLButtonElement),
    actions: find('actions', HTMLElement),
    goLive: find('go-live', HTMLButtonElement),
    watch: find('watch', HTMLButtonElement),
    stop: find('stop', HTMLButtonElement),
    copyLink: find('copy-link', HTMLButtonElement),
    talk: find('talk', HTMLElement),
    viewers: find('viewers', HTMLElement),
    away: find('away', HTMLElement),
    older: find('older', HTMLButtonElement),
    messages: find('messages', HTMLElement),
    talkNote: find('talk-note', HTMLElement),
    sayForm: find('say', HTMLFormElement),
    sayText: find('say-text', HTMLInputElement),
    saySend: find('say-send', HTMLButtonElement),
    people: find('people', HTMLDetailsElement),
    peopleList: find('people-list', HTMLElement),
    morePeople: find('more-people', HTMLButtonElement),
    slowMode: find('slow-mode', HTMLSelectElement),
    closeRoom: find('close-room', HTMLButtonElement),
    directory: find('directory', HTMLElement),
    directoryNote: find('directory-note', HTMLElement),
    search: find('search', HTMLInputElement),
    rooms: find('rooms', HTMLElement),
    moreRooms: find('more-rooms', HTMLButtonElement),
  };
}

export type PageElements = ReturnType<typeof pageElements>;
