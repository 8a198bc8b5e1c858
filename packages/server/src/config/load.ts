import { isIP } from 'node:net';
import type { z } from 'zod';
import { commandVariables, type SettingName, type Settings, settingEntries } from './settings.ts';
import { suggestion } from './suggestion.ts';

type Value<K extends SettingName> = z.output<Settings[K]['reader']>;
type Given = {
  readonly [K in SettingName]: Settings[K] extends { fallback: string } ? Value<K> : Value<K> | undefined;
};

/** Every setting of the server, read, checked and complete; frozen. What each means is said in `settings.ts`. */
export type Config = Omit<Given, 'demo' | 'mediaListenIp'> & {
  /** Whether the demo page is served. */
  readonly demo: boolean;
  readonly mediaListenIp: string;
};

/** The environment does not make a configuration; the message names every variable that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One sentence for each variable; it never holds the value of a secret. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`The configuration is wrong.\n${problems.map((text) => `  ${text}`).join('\n')}`, options);
    this.problems = problems;
  }
}

const WILDCARDS = ['0.0.0.0', '::'];

/**
 * Reads the settings from environment variables. Unset and empty variables have their default;
 * a variable that begins with `ROOMKEY_` and is no setting is an error.
 *
 * @throws {ConfigError} with all problems at once
 *
 * @example
 * ```ts
 * loadConfig({ ROOMKEY_PORT: '9000' }).port; // 9000
 * loadConfig({ ROOMKEY_PORT: '' }).port; // 8080
 * ```
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const problems = unknownVariables(env);
  const read: Record<string, unknown> = {};
  for (const [name, { variable, reader, fallback, secret }] of settingEntries) {
    const text = env[variable] || fallback;
    if (text === undefined) continue;
    const result = reader.safeParse(text);
    if (result.success) read[name] = result.data;
    else {
      // Addresses can hold a password.
      const shown = secret ? '' : `, not ${JSON.stringify(text.slice(0, 100).replace(/\/\/.*@/, '//…@'))}`;
      problems.push(`${variable} ${result.error.issues[0]?.message}${shown}.`);
    }
  }
  const given = read as Partial<Given>;
  const mediaListenIp = given.mediaListenIp ?? addressOf(given.host);
  problems.push(...contradictions(given, mediaListenIp));
  if (problems.length > 0 || mediaListenIp === undefined) throw new ConfigError(problems);
  const demo = given.demo === 'auto' ? !isExposed(given) : given.demo === 'on';
  return Object.freeze({ ...(given as Given), mediaListenIp, demo });
}

/** Whether others than the programs of this computer can reach the server, or are meant to. */
function isExposed({ host = '', publicUrl, announcedAddress, tlsCert }: Partial<Given>): boolean {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  return !isLoopback || (publicUrl ?? announcedAddress ?? tlsCert) !== undefined;
}

/** A host as an address to bind media to; undefined for a name that only a resolver knows. */
function addressOf(host: string | undefined): string | undefined {
  if (host === 'localhost') return '127.0.0.1';
  return host !== undefined && isIP(host) ? host : undefined;
}

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known: string[] = settingEntries.map(([, { variable }]) => variable);
  const unknown = Object.keys(env)
    .filter(
      (name) => name.startsWith('ROOMKEY_') && !known.includes(name) && !commandVariables.includes(name),
    )
    .sort();
  return unknown.map((name) => {
    const meant = suggestion(name, known);
    return `${name} is no setting${meant === undefined ? '.' : `; did you mean ${meant}?`}`;
  });
}

/** What is wrong although each setting is well-formed. */
function contradictions(given: Partial<Given>, mediaListenIp: string | undefined): string[] {
  const problems: string[] = [];
  if (given.tlsCert !== undefined && given.tlsKey === undefined)
    problems.push('ROOMKEY_TLS_KEY is missing: ROOMKEY_TLS_CERT needs it.');
  if (given.tlsKey !== undefined && given.tlsCert === undefined)
    problems.push('ROOMKEY_TLS_CERT is missing: ROOMKEY_TLS_KEY needs it.');
  if (given.host !== undefined && mediaListenIp === undefined)
    problems.push('ROOMKEY_MEDIA_LISTEN_IP is missing: it must be an address when ROOMKEY_HOST is a name.');
  if (mediaListenIp !== undefined && WILDCARDS.includes(mediaListenIp) && !given.announcedAddress)
    problems.push(
      `ROOMKEY_ANNOUNCED_ADDRESS is missing: media listens on ${mediaListenIp}, which tells members no address. ` +
        'Set the one they reach, or set ROOMKEY_MEDIA_LISTEN_IP to one address.',
    );
  const { mediaPort = 0, workers = 1 } = given;
  if (mediaPort > 0 && mediaPort + workers - 1 > 65_535)
    problems.push(
      `ROOMKEY_MEDIA_PORT is too high: ${workers} workers need ports up to ${mediaPort + workers - 1}.`,
    );
  return problems;
}
