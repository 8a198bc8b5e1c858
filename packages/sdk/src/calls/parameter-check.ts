import { RtcError } from '../errors/rtc-error.ts';
import type { Cause } from '../errors/table.ts';

/** Refuses a call for its parameters. */
export function refuse(cause: Cause, message: string): never {
  throw new RtcError(cause, message);
}

/** @throws {RtcError} `parameterMissing`, `parameterType` */
export function checkObject(value: unknown, name: string): void {
  if (value === undefined || value === null) refuse('parameterMissing', `${name} is needed.`);
  if (typeof value !== 'object') refuse('parameterType', `${name} must be an object.`);
}

/** @throws {RtcError} `parameterMissing`, `parameterType`, `parameterEmpty` */
export function checkText(value: unknown, name: string): void {
  if (value === undefined || value === null) refuse('parameterMissing', `${name} is needed.`);
  if (typeof value !== 'string') refuse('parameterType', `${name} must be a string.`);
  if (value === '') refuse('parameterEmpty', `${name} must not be empty.`);
}

/** @throws {RtcError} `parameterMissing`, `parameterType` */
export function checkBoolean(value: unknown, name: string): void {
  if (value === undefined || value === null) refuse('parameterMissing', `${name} is needed.`);
  if (typeof value !== 'boolean') refuse('parameterType', `${name} must be true or false.`);
}

/** A PrivateMapKey that may be left out. @throws {RtcError} `parameterType`, `parameterEmpty` */
export function checkKey(value: unknown): void {
  if (value !== undefined) checkText(value, 'privateMapKey');
}

/** A choice that may be left out. @throws {RtcError} `parameterRange` */
export function checkChoice(value: unknown, choices: readonly unknown[], name: string): void {
  if (value === undefined || choices.includes(value)) return;
  refuse(
    'parameterRange',
    `${name} must be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}.`,
  );
}

/** A profile by name or in full, that may be left out. @throws {RtcError} `parameterRange`, `parameterType` */
export function checkProfile(value: unknown, names: object): void {
  if (typeof value !== 'object' || value === null) {
    checkChoice(value, Object.keys(names), 'option.profile');
    return;
  }
  for (const field of ['width', 'height', 'frameRate', 'bitrate']) {
    const number: unknown = Reflect.get(value, field);
    if (typeof number !== 'number') refuse('parameterType', `option.profile.${field} must be a number.`);
    if (!(number > 0 && number < Number.POSITIVE_INFINITY))
      refuse('parameterRange', `option.profile.${field} must be above 0, and finite.`);
  }
}

/** A custom track that may be left out. @throws {RtcError} `parameterType` */
export function checkTrack(value: unknown, kind: 'audio' | 'video', name: string): void {
  if (value === undefined) return;
  const isTrack = typeof value === 'object' && value !== null && Reflect.get(value, 'kind') === kind;
  if (!isTrack) refuse('parameterType', `${name} must be a MediaStreamTrack of kind ${kind}.`);
}

/** @throws {RtcError} `streamTypeMissing`, `parameterRange` */
export function checkStreamType(value: unknown): void {
  if (value === undefined) refuse('streamTypeMissing', 'streamType is needed: "main" or "sub".');
  checkChoice(value, ['main', 'sub'], 'streamType');
}

/** A volume in percent. @throws {RtcError} `parameterType`, `parameterNegative` */
export function checkVolume(value: unknown): void {
  if (typeof value !== 'number' || Number.isNaN(value)) refuse('parameterType', 'volume must be a number.');
  if (value < 0) refuse('parameterNegative', 'volume must not be below 0.');
}
