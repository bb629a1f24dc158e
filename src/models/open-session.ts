import { UserError } from '../data/errors.js';

/**
 * Makes something of a user's model that is being opened; where that fails, the model is closed again.
 * @param opening from `OnnxSession.open` or `openLanes`
 * @param name of the model, for messages
 * @throws UserError for what is no model, or not one for the device
 */
export async function withSession<S extends { close(): Promise<void> }, T>(
  opening: Promise<S>,
  name: string,
  make: (session: S) => T | Promise<T>,
): Promise<T> {
  const session = await opening.catch((error: Error) => {
    throw new UserError(`${name}: ${error.message}`);
  });
  try {
    return await make(session);
  } catch (error) {
    await session.close();
    throw error;
  }
}
