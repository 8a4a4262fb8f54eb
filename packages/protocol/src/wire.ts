// The second door of this package, for clients: what a browser needs at run time, without the schemas and zod.
export { type CloseReason, closeCodes } from './close-code.js';
export { type ErrorCode, errorCodes } from './error-code.js';
export { subprotocol } from './subprotocol.js';
