/** Why data on disk cannot be read or changed. Each has one remedy, which the message names. */
export type StoreFault =
  /** The folder, or the folder it should be made in, does not exist. */
  | 'directoryMissing'
  /** The path is something else than a folder. */
  | 'notADirectory'
  /** Others may read the folder or the master key. */
  | 'exposed'
  /** Another Roomkey process uses the folder. */
  | 'inUse'
  /** The folder was used before and its database is gone, or a command found no data. */
  | 'databaseMissing'
  /** The file is no database, a damaged one, or one of another program. */
  | 'notADatabase'
  /** Another process has changed the same thing since the change was decided. Decide again on what is there now. */
  | 'conflict'
  /** Another program holds the database. */
  | 'locked'
  | 'readOnly'
  | 'full'
  /** A newer Roomkey has written the database. */
  | 'newer'
  /** The secrets are sealed and their master key is not there. */
  | 'masterKeyMissing'
  /** The secrets were sealed with another master key. */
  | 'masterKeyWrong'
  /** The text of the master key is none. */
  | 'masterKeyMalformed'
  /** A sealed secret was changed or moved. */
  | 'secretDamaged'
  /** Anything else that the disk or the database reports. */
  | 'failed';

/** Data cannot be read or changed. The message says what to do and holds no secret. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
