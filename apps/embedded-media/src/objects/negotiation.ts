import { type KurentoErrorType, kurentoError } from '../rpc/kurento-error.js';

type State =
  | { name: 'new' }
  | { name: 'answering' }
  | { name: 'offering' }
  | { name: 'offered' }
  | { name: 'completing' }
  | { name: 'negotiated'; asOfferer: boolean };

/**
 * One endpoint negotiates once. A step that fails leaves things as they were before it.
 *
 * ```
 *   new --processOffer--> answering ------------------------------------> negotiated
 *   new --generateOffer--> offering --> offered --processAnswer--> completing --^
 * ```
 */
export class Negotiation {
  #state: State = { name: 'new' };

  answer<T>(step: () => Promise<T>): Promise<T> {
    this.#mustBeNew();
    return this.#run({ name: 'answering' }, step, { name: 'negotiated', asOfferer: false });
  }

  offer<T>(step: () => Promise<T>): Promise<T> {
    this.#mustBeNew();
    return this.#run({ name: 'offering' }, step, { name: 'offered' });
  }

  complete<T>(step: () => Promise<T>): Promise<T> {
    const state = this.#state;
    switch (state.name) {
      case 'offered':
        return this.#run({ name: 'completing' }, step, { name: 'negotiated', asOfferer: true });
      case 'completing':
        throw answerAlreadyProcessed();
      case 'negotiated':
        throw state.asOfferer ? answerAlreadyProcessed() : noOffer();
      case 'new':
      case 'answering':
      case 'offering':
        throw noOffer();
    }
  }

  async #run<T>(during: State, step: () => Promise<T>, after: State): Promise<T> {
    const before = this.#state;
    this.#state = during;
    try {
      const result = await step();
      this.#state = after;
      return result;
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  #mustBeNew(): void {
    if (this.#state.name !== 'new')
      throw refused('SDP_END_POINT_ALREADY_NEGOTIATED', 'Endpoint already negotiated');
  }
}

const refused = (type: KurentoErrorType, message: string) => kurentoError(type, message);
const noOffer = () =>
  refused(
    'SDP_END_POINT_NOT_OFFER_GENERATED',
    'Offer not generated. It is not possible to process an answer.',
  );
const answerAlreadyProcessed = () =>
  refused('SDP_END_POINT_ANSWER_ALREADY_PROCCESED', 'Sdp Answer already processed');
