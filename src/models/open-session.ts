import { UserError } from '../data/errors.js';
import { OnnxSession, type SessionOptions } from '../runtime/onnx-session.js';

/**
 * Opens a user's model and makes something of it; where that fails, it is closed again.
 * @param model its bytes, or its path
 * @param name of the model, for messages
 * @throws UserError for what is no model, or not one for the device
 */
export async function withSession<T>(
  model: Uint8Array | string,
  name: string,
  options: SessionOptions,
  make: (session: OnnxSession) => T | Promise<T>,
): Promise<T> {
  const session = await OnnxSession.open(model, options).catch((error: Error) => {
    throw new UserError(`${name}: ${error.message}`);
  });
  try {
    return await make(session);
  } catch (error) {
    await session.close();
    throw error;
  }
}
